package io.farrier.logs;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A pause in which whoever waits for this processor gets it, between one piece of work and the next. */
final class Breath {
    /** The kernel adds 50 us of its own. */
    private static final long NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    private Breath() {}

    static void take() {
        LockSupport.parkNanos(NANOS);
    }
}
