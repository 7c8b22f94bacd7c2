package io.farrier.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.farrier.assembly.Assembly;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    private static final Pattern TIME = Pattern.compile("([1-9][0-9]{0,4})([smhd])");
    private static final Map<String, ChronoUnit> UNITS =
            Map.of("s", ChronoUnit.SECONDS, "m", ChronoUnit.MINUTES, "h", ChronoUnit.HOURS, "d", ChronoUnit.DAYS);

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
        Matcher matcher = TIME.matcher(text);
        if (!matcher.matches()) {
            throw new ParameterException(
                    spec().commandLine(), "--for: '" + text + "' is no time such as 30m, 4h or 2d.");
        }
        return Duration.of(Long.parseLong(matcher.group(1)), UNITS.get(matcher.group(2)));
    }
}
