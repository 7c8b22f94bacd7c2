package io.farrier.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.farrier.assembly.Assembly;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

@Command(
        name = "pause",
        description =
                "Stop all changes to this node: no write, reload, pull or tag begins until 'farrier resume'. The agent"
                        + " goes on reporting. The bare file /etc/farrier/paused does the same.")
final class PauseVerb extends Verb {
    @Mixin
    NodeOptions node = new NodeOptions();

    @Option(names = "--for", paramLabel = "TIME", description = "end by itself after 30m, 4h or 2d; else it stays")
    Optional<String> time = Optional.empty();

    @Option(names = "--reason", paramLabel = "TEXT", description = "why, for whoever finds it")
    String reason = "";

    @Override
    public Integer call() throws Exception {
        if (reason.isBlank()) {
            throw new ParameterException(
                    spec().commandLine(), "--reason is missing: whoever finds the pause will ask.");
        }
        try (Assembly assembly = node.assembly()) {
            String said = assembly.pausing().pause(NodeOptions.order().who(), reason, time.map(this::duration));
            if (wantsJson()) {
                screen().json(JsonNodeFactory.instance
                        .objectNode()
                        .put("paused", true)
                        .put("sentence", said));
            } else {
                screen().line(said);
            }
            return ExitCode.DONE;
        }
    }

    private Duration duration(String text) {
        try {
            return Durations.parse(text);
        } catch (IllegalArgumentException wrong) {
            throw misused("--for: " + wrong.getMessage() + ".");
        }
    }
}
