package io.farrier.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.farrier.config.FarrierConfig;
import io.farrier.config.Mode;
import io.farrier.image.Sha256;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A configuration that is pushed to all nodes at once takes effect on each at a moment of its own within {@code
 * changes.spread}, and what it lets the node pull is pulled from then on: a registry is not asked by four hundred nodes in
 * one second. The moment follows from the node's name and the change alone, so that it is another node's turn to be first
 * the next time.
 */
final class Rollout {
    private final LongSupplier nanos;
    private @Nullable Waiting waiting;

    private record Waiting(FarrierConfig config, long due) {}

    Rollout(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /**
     * Keeps a configuration until it is this node's turn. One that waits already gives way to it, but not its turn: who
     * changes it again and again puts nothing off.
     *
     * @param change tells this change from others
     * @return how long it waits; nothing where it may take effect at once
     */
    Duration hold(FarrierConfig config, String change) {
        long now = nanos.getAsLong();
        long due = now + turn(config, change).toNanos();
        Waiting before = waiting;
        long first = before != null && before.due() - due < 0 ? before.due() : due;
        waiting = new Waiting(config, first);
        return Duration.ofNanos(Math.max(0, first - now));
    }

    /** A configuration that lets farrier change nothing and pull nothing is a brake: it never waits. */
    private static Duration turn(FarrierConfig config, String change) {
        Optional<Duration> spread = config.changes().spread().filter(any -> keepsSomething(config));
        return spread.map(whole -> Duration.ofMillis(share(config.node().name(), change, whole.toMillis())))
                .orElse(Duration.ZERO);
    }

    private static boolean keepsSomething(FarrierConfig config) {
        return config.mode() == Mode.KEEP
                || config.images().mode().equals(Optional.of(Mode.KEEP))
                || config.registries().stream()
                        .anyMatch(registry -> registry.mode().equals(Optional.of(Mode.KEEP)));
    }

    /** 15 hex digits are 60 bits: evenly spread over any number of milliseconds. */
    private static long share(String node, String change, long millis) {
        String hash = Sha256.hex((node + "\n" + change).getBytes(UTF_8));
        return Long.parseLong(hash.substring(0, 15), 16) % Math.max(1, millis);
    }

    /** Gives out what waits when its turn has come. */
    Optional<FarrierConfig> due() {
        Waiting held = waiting;
        return held != null && nanos.getAsLong() - held.due() >= 0 ? atOnce() : Optional.empty();
    }

    /** Gives out what waits, turn or not: by order of a person. */
    Optional<FarrierConfig> atOnce() {
        Optional<FarrierConfig> held = Optional.ofNullable(waiting).map(Waiting::config);
        waiting = null;
        return held;
    }

    /** What waits is overtaken by a file that is no configuration. */
    void forget() {
        waiting = null;
    }
}
