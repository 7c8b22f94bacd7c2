package io.farrier.agent;

import io.farrier.config.FarrierConfig.Budget;
import io.farrier.vitals.OwnCost;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What the agent gives up, step by step, while it costs the node more than its budget, and takes up again. The keeper is
 * never among it; no line and no finding is lost by it, they come later.
 */
final class SelfCare {
    /** A pull, a start, a burst of lines are no trouble; a minute of it is. */
    static final Duration OVER_FOR = Duration.ofMinutes(1);

    /** Slower to take up than to give up, so that it does not swing. */
    static final Duration UNDER_FOR = Duration.ofMinutes(5);

    /** Under means clearly under, or what was given up would be taken up just to be given up again. */
    private static final double UNDER_SHARE = 0.7;

    private static final int SLOWER = 6;
    private static final long MIB = 1024 * 1024;

    /** In the order in which it is given up; each keeps what was given up before. */
    enum Shed {
        NOTHING("nothing"),
        SAMPLES("vitals and containers are looked at " + SLOWER + " times less often"),
        CHECKS("that, and registries and images are checked " + SLOWER + " times less often"),
        LOGS("that, and log files are read in short turns with a rest between");

        private final String words;

        Shed(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    private final LongSupplier nanos;
    private volatile Shed shed = Shed.NOTHING;
    private volatile String cost = "";
    private long since;
    private boolean wasOver;

    SelfCare(LongSupplier nanos) {
        this.nanos = nanos;
        this.since = nanos.getAsLong();
    }

    /** @return true when something was given up or taken up */
    boolean look(OwnCost.Sample sample, Budget budget) {
        cost = words(sample, budget);
        long now = nanos.getAsLong();
        boolean isOver = sample.cpuPercent() > budget.cpuPercent() || sample.residentBytes() > budget.memoryBytes();
        boolean isUnder = sample.cpuPercent() < UNDER_SHARE * budget.cpuPercent()
                && sample.residentBytes() <= budget.memoryBytes();
        if (isOver != wasOver || !isOver && !isUnder) {
            wasOver = isOver;
            since = now;
            return false;
        }
        Duration spell = isOver ? OVER_FOR : UNDER_FOR;
        if (now - since < spell.toNanos()) {
            return false;
        }
        since = now;
        return isOver ? step(+1) : step(-1);
    }

    private boolean step(int by) {
        int next = shed.ordinal() + by;
        if (next < 0 || next >= Shed.values().length) {
            return false;
        }
        shed = Shed.values()[next];
        return true;
    }

    Shed shed() {
        return shed;
    }

    /** What it costs and may cost, and what was given up; empty while nothing is. */
    Optional<String> sentence() {
        return shed == Shed.NOTHING ? Optional.empty() : Optional.of(cost + "; given up: " + shed.words());
    }

    /** How many times longer than configured a lane of this kind rests. */
    int slowness(Shed kind) {
        return shed.compareTo(kind) >= 0 ? SLOWER : 1;
    }

    private static String words(OwnCost.Sample sample, Budget budget) {
        return String.format(
                Locale.ROOT,
                "farrier takes %.0f %% of a core and %d MiB, its budget is %d %% and %d MiB",
                sample.cpuPercent(),
                sample.residentBytes() / MIB,
                budget.cpuPercent(),
                budget.memoryBytes() / MIB);
    }
}
