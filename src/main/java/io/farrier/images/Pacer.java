package io.farrier.images;

import io.farrier.images.Pauses.Sleeper;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * A rate that is kept on the average. The runtimes download by themselves and know no limit, so what a pull took at once
 * is waited for before the next begins.
 */
final class Pacer {
    private static final long NANOS = 1_000_000_000L;

    private final Optional<Long> bytesPerSecond;
    private final LongSupplier nanos;
    private final Sleeper sleeper;
    private long freeAt;

    /** @param bytesPerSecond empty for no limit */
    Pacer(Optional<Long> bytesPerSecond, LongSupplier nanos, Sleeper sleeper) {
        this.bytesPerSecond = bytesPerSecond;
        this.nanos = nanos;
        this.sleeper = sleeper;
        this.freeAt = nanos.getAsLong();
    }

    /** Waits until the rate allows these bytes, and takes them. */
    void take(long bytes) throws InterruptedException {
        if (bytesPerSecond.isEmpty()) {
            return;
        }
        long wait;
        synchronized (this) {
            long now = nanos.getAsLong();
            wait = Math.max(0, freeAt - now);
            freeAt = Math.max(now, freeAt) + (long) ((double) bytes / bytesPerSecond.get() * NANOS);
        }
        if (wait > 0) {
            sleeper.sleep(Duration.ofNanos(wait));
        }
    }
}
