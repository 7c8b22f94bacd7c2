package io.farrier.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.assembly.Assembly;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

@Command(
        name = "history",
        description =
                "Show who changed what on this node and when, what was refused and what was rolled back. The newest"
                        + " comes last.")
final class HistoryVerb extends Verb {
    private static final int SHORT_FINGERPRINT_CHARS = "sha256:".length() + 12;
    private static final int SECOND_CHARS = "2026-11-20T12:00:00".length();

    @Mixin
    NodeOptions node = new NodeOptions();

    @Option(
            names = {"-n", "--last"},
            paramLabel = "N",
            defaultValue = "0",
            description = "only the last N (default: all)")
    int last;

    @Override
    public Integer call() throws Exception {
        if (last < 0) {
            throw new ParameterException(spec().commandLine(), "--last is " + last + "; it must not be negative.");
        }
        try (Assembly assembly = node.assembly()) {
            Assembly.Past past = assembly.history();
            past.caveat().ifPresent(caveat -> screen().complain(caveat));
            List<JsonNode> all = past.changes();
            List<JsonNode> shown = last == 0 ? all : all.subList(Math.max(0, all.size() - last), all.size());
            if (wantsJson()) {
                ObjectNode json = JsonNodeFactory.instance.objectNode();
                shown.forEach(json.putArray("history")::add);
                screen().json(json);
                return ExitCode.DONE;
            }
            shown.forEach(this::show);
            if (shown.isEmpty()) {
                screen().line("farrier changed nothing on this node.");
            }
            return ExitCode.DONE;
        }
    }

    private void show(JsonNode change) {
        JsonNode by = change.path("by");
        screen().line(
                        Screen.Colour.BOLD,
                        cut(change.path("at").asText(), SECOND_CHARS) + "Z  "
                                + by.path("verb").asText() + " by "
                                + by.path("who").asText() + "  (farrier "
                                + by.path("version").asText() + ", configuration "
                                + cut(by.path("configuration").asText(), SHORT_FINGERPRINT_CHARS) + ")");
        change.path("outcomes").forEach(outcome -> {
            if (!isQuiet(outcome)) {
                Outcomes.show(screen(), outcome);
            }
        });
        change.path("files")
                .forEach(file -> screen().line("  " + file.path("path").asText() + ": "
                        + cut(file.path("before").asText(), SHORT_FINGERPRINT_CHARS) + " -> "
                        + cut(file.path("after").asText(), SHORT_FINGERPRINT_CHARS)));
        screen().blank();
    }

    private static boolean isQuiet(JsonNode outcome) {
        return outcome.path("result").asText().equals("kept")
                && outcome.path("withheld").isEmpty();
    }

    private static String cut(String text, int chars) {
        return text.substring(0, Math.min(text.length(), chars));
    }
}
