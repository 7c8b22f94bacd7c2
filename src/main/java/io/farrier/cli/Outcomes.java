package io.farrier.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.farrier.agent.AgentUnavailableException;
import io.farrier.agent.ControlClient;
import io.farrier.agent.ControlSocket;
import io.farrier.agent.Verb;
import io.farrier.assembly.Assembly;
import io.farrier.feed.Facts;
import io.farrier.plan.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What became of an order, as the feed says it: given by the agent where one runs on this node, so that there is one
 * writer, else by this process.
 */
final class Outcomes {
    private final List<JsonNode> outcomes;

    private Outcomes(List<JsonNode> outcomes) {
        this.outcomes = outcomes;
    }

    static Outcomes of(List<JsonNode> outcomes) {
        return new Outcomes(outcomes);
    }

    /** An order that this process can carry out itself. */
    @FunctionalInterface
    interface ByHand {
        List<Outcome> carryOut(Assembly assembly) throws IOException;
    }

    /** The agent follows its own configuration on this node; any other configuration or tree is this process's work. */
    static Outcomes of(NodeOptions node, Verb verb, ByHand byHand) throws IOException {
        ControlClient agent = new ControlClient(ControlSocket.DEFAULT_PATH);
        if (node.isTheAgents() && agent.isThere()) {
            try {
                List<JsonNode> told = new ArrayList<>();
                agent.ask(verb, told::add);
                return new Outcomes(told);
            } catch (AgentUnavailableException gone) {
                // A socket that an agent left behind: the node lock still makes this process the one writer.
            }
        }
        try (Assembly assembly = node.assembly()) {
            return new Outcomes(
                    byHand.carryOut(assembly).stream().map(Facts::outcome).toList());
        }
    }

    int show(Screen screen, boolean asJson) {
        if (asJson) {
            var json = JsonNodeFactory.instance.objectNode();
            outcomes.forEach(json.putArray("outcomes")::add);
            screen.json(json);
        } else {
            outcomes.forEach(outcome -> show(screen, outcome));
        }
        return exitCode();
    }

    static void show(Screen screen, JsonNode outcome) {
        String result = outcome.path("result").asText();
        screen.line(
                ink(result),
                result.replace('_', ' ') + "  " + outcome.path("resource").asText());
        outcome.path("done").forEach(change -> screen.line("  " + describe(change)));
        outcome.path("withheld").forEach(held -> show(screen, "withheld", held));
        JsonNode reason = outcome.path("reason");
        if (reason.isObject()) {
            screen.line("  " + reason.path("tried").asText() + ": "
                    + reason.path("saw").asText() + " " + reason.path("todo").asText());
        }
    }

    private static void show(Screen screen, String word, JsonNode held) {
        screen.line(Screen.Colour.YELLOW, "  ! " + word + ": " + describe(held.path("change")));
        screen.line("      " + held.path("because").asText());
        List<String> stops = new ArrayList<>();
        held.path("would_stop").forEach(name -> stops.add(name.asText()));
        if (!stops.isEmpty()) {
            screen.line("      it would stop: " + String.join(", ", stops));
        }
    }

    private static String describe(JsonNode change) {
        String before = change.path("before").asText("(none)");
        String after = change.path("after").asText("(none)");
        String key = change.path("key").asText();
        return switch (change.path("kind").asText()) {
            case "add" -> "+ " + key + ": " + after;
            case "remove" -> "- " + key + ": " + before;
            default -> "~ " + key + ": " + before + " -> " + after;
        };
    }

    private static Screen.Colour ink(String result) {
        return switch (result) {
            case "kept", "applied", "proven" -> Screen.Colour.GREEN;
            case "waiting", "diverged" -> Screen.Colour.YELLOW;
            default -> Screen.Colour.RED;
        };
    }

    /** The worst result decides. */
    private int exitCode() {
        int worst = ExitCode.DONE;
        for (JsonNode outcome : outcomes) {
            worst = worse(worst, exitCode(outcome));
        }
        return worst;
    }

    static int exitCode(JsonNode outcome) {
        return switch (outcome.path("result").asText()) {
            case "kept", "applied" -> outcome.path("withheld").isEmpty() ? ExitCode.DONE : ExitCode.PENDING;
            case "refused", "waiting", "diverged" -> ExitCode.REFUSED;
            case "proven" -> ExitCode.DONE;
            case "unproven" -> ExitCode.FINDINGS;
            case "rolled_back" -> ExitCode.ROLLED_BACK;
            default -> ExitCode.ERROR;
        };
    }

    private static int worse(int a, int b) {
        List<Integer> fromBest = List.of(
                ExitCode.DONE,
                ExitCode.FINDINGS,
                ExitCode.PENDING,
                ExitCode.REFUSED,
                ExitCode.ROLLED_BACK,
                ExitCode.ERROR);
        return fromBest.indexOf(a) >= fromBest.indexOf(b) ? a : b;
    }
}
