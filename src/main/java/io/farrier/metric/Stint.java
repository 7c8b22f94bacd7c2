package io.farrier.metric;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * One thread's work, as a watchdog sees it: it rests, or it has been at something since it last moved. Written by that
 * thread, read by another.
 */
public final class Stint {
    private static final long RESTING = 0;

    private final String who;
    private final Duration patience;
    private final LongSupplier nanos;
    private volatile long since = RESTING;

    /**
     * @param who begins a sentence: "the image lane"
     * @param patience longer than the longest deadline of anything that it waits for
     */
    public Stint(String who, Duration patience, LongSupplier nanos) {
        this.who = who;
        this.patience = patience;
        this.nanos = nanos;
    }

    /** It begins something, or got further with it. */
    public void moved() {
        long now = nanos.getAsLong();
        since = now == RESTING ? 1 : now;
    }

    /** It has nothing to do. */
    public void rests() {
        since = RESTING;
    }

    public boolean isResting() {
        return since == RESTING;
    }

    /** Says who has been at the same thing beyond all patience. */
    public Optional<String> overrun() {
        long begun = since;
        if (begun == RESTING) {
            return Optional.empty();
        }
        Duration still = Duration.ofNanos(nanos.getAsLong() - begun);
        return still.compareTo(patience) > 0
                ? Optional.of(who + " has not moved for " + still.toSeconds() + " s")
                : Optional.empty();
    }
}
