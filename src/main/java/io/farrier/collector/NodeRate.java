package io.farrier.collector;

import java.util.concurrent.TimeUnit;

/**
 * How many bytes of log lines one node may send in a second, over all its connections. What is more is stored, and
 * acknowledged late: an agent has a bounded credit, so it waits, and its files hold what it has not sent.
 */
final class NodeRate {
    private static final double SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final long bytesPerSecond;
    private long paidUntil;

    NodeRate(long bytesPerSecond, long now) {
        this.bytesPerSecond = bytesPerSecond;
        this.paidUntil = now - TimeUnit.SECONDS.toNanos(1);
    }

    /** When these bytes are to be acknowledged; at most a second's worth is saved up. */
    long spend(long bytes, long now) {
        long earliest = now - TimeUnit.SECONDS.toNanos(1);
        paidUntil = (paidUntil - earliest < 0 ? earliest : paidUntil)
                + (long) (bytes / (double) bytesPerSecond * SECOND_NANOS);
        return paidUntil - now < 0 ? now : paidUntil;
    }

    /** True when it is as good as a new one. */
    boolean isIdle(long now) {
        return now - paidUntil >= TimeUnit.SECONDS.toNanos(1);
    }
}
