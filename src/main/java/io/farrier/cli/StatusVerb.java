package io.farrier.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.agent.AgentUnavailableException;
import io.farrier.agent.ControlClient;
import io.farrier.agent.ControlSocket;
import io.farrier.agent.Verb;
import io.farrier.assembly.Assembly;
import io.farrier.check.NodeStatus;
import io.farrier.feed.Facts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "status",
        description =
                "Show how this node is: from the agent where it runs, else by looking. Exits 3 when there are findings,"
                        + " 1 when the runtime cannot be asked.")
final class StatusVerb extends io.farrier.cli.Verb {
    @Mixin
    NodeOptions node = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        JsonNode status = status();
        if (wantsJson()) {
            screen().json(status);
        } else {
            show(status);
        }
        return status.path("findings").isEmpty() ? ExitCode.DONE : ExitCode.FINDINGS;
    }

    private JsonNode status() throws IOException {
        ControlClient agent = new ControlClient(ControlSocket.DEFAULT_PATH);
        if (node.isTheAgents() && agent.isThere()) {
            try {
                List<JsonNode> told = new ArrayList<>();
                agent.ask(Verb.STATUS, told::add);
                return told.isEmpty() ? JsonNodeFactory.instance.objectNode() : told.get(0);
            } catch (AgentUnavailableException gone) {
                // A socket that an agent left behind.
            }
        }
        try (Assembly assembly = node.assembly()) {
            return json(assembly.status());
        }
    }

    private static JsonNode json(NodeStatus status) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("node", status.node())
                .put("mode", status.mode())
                .put("agent", "not running");
        if (!status.runtime().isEmpty()) {
            json.putObject("runtime").put("name", status.runtime()).put("reachable", true);
        }
        json.setAll((ObjectNode) Facts.containers(status.containers()));
        json.setAll((ObjectNode) Facts.images(status.images()));
        json.setAll((ObjectNode) Facts.findings(status.findings()));
        return json;
    }

    private void show(JsonNode status) {
        JsonNode runtime = status.path("runtime");
        List<List<String>> rows = new ArrayList<>(List.of(
                List.of("node", status.path("node").asText()),
                List.of("mode", status.path("mode").asText()),
                List.of(
                        "agent",
                        status.path("agent")
                                .asText("running, " + status.path("version").asText())),
                List.of("runtime", runtimeText(runtime))));
        if (status.path("paused").isTextual()) {
            rows.add(2, List.of("paused", status.path("paused").asText()));
        }
        if (status.path("safe_mode").isTextual()) {
            rows.add(2, List.of("safe mode", status.path("safe_mode").asText()));
        }
        if (status.path("held_back").isTextual()) {
            rows.add(2, List.of("held back", status.path("held_back").asText()));
        }
        JsonNode collector = status.path("collector");
        if (collector.isObject()) {
            String connected = collector.path("connected").asBoolean() ? "connected" : "not connected";
            rows.add(List.of(
                    "collector", connected + ", " + collector.path("detail").asText()));
        }
        if (status.path("containers").isArray()) {
            rows.add(List.of("containers", running(status.path("containers"))));
        }
        rows.add(List.of("images", present(status.path("images"))));
        screen().table(rows);
        for (JsonNode finding : status.path("findings")) {
            screen().line(
                            Screen.Colour.YELLOW,
                            finding.path("severity").asText() + "  "
                                    + finding.path("title").asText());
        }
        if (!status.path("findings").isEmpty()) {
            screen().line("Run 'farrier doctor' for the remedies.");
        }
    }

    private static String runtimeText(JsonNode runtime) {
        if (!runtime.isObject()) {
            return "none found yet";
        }
        String text =
                (runtime.path("name").asText() + " " + runtime.path("version").asText()).strip();
        return runtime.path("reachable").asBoolean() ? text : text + ", does not answer";
    }

    private static String running(JsonNode containers) {
        long running = count(containers, "running");
        return running + " of " + containers.size() + " running";
    }

    private static String present(JsonNode images) {
        return count(images, "present") + " of " + images.size() + " wanted ones are here";
    }

    private static long count(JsonNode things, String state) {
        long count = 0;
        for (JsonNode thing : things) {
            count += thing.path("state").asText().equals(state) ? 1 : 0;
        }
        return count;
    }
}
