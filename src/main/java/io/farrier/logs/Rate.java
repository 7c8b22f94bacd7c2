package io.farrier.logs;

import java.util.concurrent.TimeUnit;

/** How many bytes may be read now: who may not read waits, and nothing is lost. At most a second's worth is saved up. */
final class Rate {
    static final long NONE = 0;

    private static final double SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Less than this is not worth a batch: a tenth of a second, or this. */
    private static final long MAX_PIECE_BYTES = 64 << 10;

    private final long bytesPerSecond;
    private double credit;
    private long paidAt;

    /** @param bytesPerSecond {@link #NONE} for no limit */
    Rate(long bytesPerSecond, long now) {
        this.bytesPerSecond = bytesPerSecond;
        this.credit = bytesPerSecond;
        this.paidAt = now;
    }

    /** Not positive while nothing may be read. */
    long room(long now) {
        if (bytesPerSecond == NONE) {
            return Long.MAX_VALUE;
        }
        credit = Math.min(bytesPerSecond, credit + (now - paidAt) / SECOND_NANOS * bytesPerSecond);
        paidAt = now;
        long piece = Math.min(MAX_PIECE_BYTES, bytesPerSecond / 10);
        return credit >= piece ? (long) credit : (long) Math.min(0, credit);
    }

    /** A line that is longer than the room is paid for afterwards. */
    void spend(long bytes) {
        if (bytesPerSecond != NONE) {
            credit -= bytes;
        }
    }
}
