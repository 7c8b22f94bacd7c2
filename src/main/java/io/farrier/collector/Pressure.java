package io.farrier.collector;

/**
 * Bytes that were received and are not on disk yet, of all connections together. Lines are asked to wait first; what
 * goes on sending is not read any more. One event loop.
 */
final class Pressure {
    /** From here on an agent that sends lines is told to stop. */
    static final long HIGH_BYTES = 48L << 20;

    /** From here on nothing more is read from a connection that sends. */
    static final long FULL_BYTES = 64L << 20;

    /** Below it all go on; the distance to {@link #HIGH_BYTES} keeps the brake from fluttering. */
    static final long LOW_BYTES = 24L << 20;

    private long waiting;

    void add(long bytes) {
        waiting += bytes;
    }

    void remove(long bytes) {
        waiting -= bytes;
    }

    long waiting() {
        return waiting;
    }

    boolean isHigh() {
        return waiting > HIGH_BYTES;
    }

    boolean isFull() {
        return waiting > FULL_BYTES;
    }

    boolean isLow() {
        return waiting <= LOW_BYTES;
    }
}
