package io.farrier.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.assembly.Assembly;
import io.farrier.check.Readiness;
import java.io.IOException;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "wait",
        description =
                "Wait until pods can start on this node: its registries are trusted and proven, its images are here. For"
                        + " provisioning pipelines: exits 0 when they can, 3 when the time is over, after saying what is"
                        + " missing.")
final class WaitVerb extends Verb {
    /** A look asks the runtime and each registry. */
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);

    @Mixin
    NodeOptions node = new NodeOptions();

    @Option(names = "--ready", description = "for this node to be ready; there is nothing else to wait for")
    boolean ready;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "10m",
            description = "how long at most: 30s, 10m, 1h (default: 10m)")
    String timeout = "10m";

    @Override
    public Integer call() throws Exception {
        if (!ready) {
            throw misused("--ready is missing: say what to wait for.");
        }
        long end = System.nanoTime() + patience().toNanos();
        Readiness last = look();
        tell(last);
        while (!last.isReady() && System.nanoTime() - end < 0) {
            Thread.sleep(Math.min(BETWEEN_LOOKS.toMillis(), 1 + Math.max(0, (end - System.nanoTime()) / 1_000_000)));
            Readiness now = look();
            if (!now.equals(last)) {
                tell(now);
            }
            last = now;
        }
        if (wantsJson()) {
            screen().json(json(last));
        }
        return last.isReady() ? ExitCode.DONE : ExitCode.FINDINGS;
    }

    private Duration patience() {
        try {
            return Durations.parse(timeout);
        } catch (IllegalArgumentException wrong) {
            throw misused("--timeout: " + wrong.getMessage() + ".");
        }
    }

    /** Anew each time: the configuration, the runtime and the registries may all come only now. */
    private Readiness look() {
        try (Assembly assembly = node.assembly()) {
            return assembly.readiness();
        } catch (IOException notYet) {
            return Readiness.not(String.join("; ", Complaint.of(notYet)));
        }
    }

    private void tell(Readiness readiness) {
        if (wantsJson()) {
            return;
        }
        if (readiness.isReady()) {
            screen().line(Screen.Colour.GREEN, "This node is ready: pods can start.");
            return;
        }
        readiness.waitsFor().forEach(what -> screen().line("Waits: " + what));
    }

    private static ObjectNode json(Readiness readiness) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("ready", readiness.isReady());
        ArrayNode waits = json.putArray("waits_for");
        readiness.waitsFor().forEach(waits::add);
        return json;
    }
}
