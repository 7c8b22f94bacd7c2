package io.farrier.logs;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How a tail reads: whatever is written as soon as it is, or, where others need processor and disk more, in turns and small
 * steps that cost them less. One for all that the tail consists of, and of its thread.
 */
final class Rhythm {
    /** The kernel adds 50 us of its own. */
    private static final long BREATH_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    private boolean isUnhurried;

    void unhurried(boolean unhurried) {
        isUnhurried = unhurried;
    }

    boolean isUnhurried() {
        return isUnhurried;
    }

    /** Between one piece of work and the next: whoever waits for this processor gets it, where nobody is in a hurry here. */
    void breathe() {
        if (isUnhurried) {
            LockSupport.parkNanos(BREATH_NANOS);
        }
    }
}
