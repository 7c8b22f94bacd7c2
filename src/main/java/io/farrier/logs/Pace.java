package io.farrier.logs;

import java.util.concurrent.TimeUnit;

/**
 * How many small batches may go: the first lines of a rest at once, a stream of them in fewer and larger ones. A collector
 * reads at most 2,000 frames a second of one node. One thread.
 */
final class Pace {
    static final int BATCHES_PER_SECOND = 400;

    /** As many files may come alive at once. */
    static final int BURST = 200;

    private static final long NANOS_PER_BATCH = TimeUnit.SECONDS.toNanos(1) / BATCHES_PER_SECOND;

    private long paidUntil;

    /** @param now monotonic nanoseconds */
    Pace(long now) {
        this.paidUntil = now - BURST * NANOS_PER_BATCH;
    }

    /** True when a small batch may go now, which is counted. */
    boolean take(long now) {
        paidUntil = Math.max(paidUntil, now - BURST * NANOS_PER_BATCH);
        if (paidUntil > now) {
            return false;
        }
        paidUntil += NANOS_PER_BATCH;
        return true;
    }
}
