package io.farrier.logs.copied;

import java.time.Duration;

/**
 * When what was read, and how far, is forced to disk: by all threads of a process at the same moments. etcd's log may be on
 * the same disk, and each of its fsyncs waits for ours: no more than one in five seconds is wanted of an agent (SAFETY 23).
 * Some at once meet fewer of etcd's than as many spread over the time, and a journaling file system makes one of those that
 * come together.
 *
 * <p>Of the twelve in a minute the cursors have five, the copies of units and those of containers three and a half each.
 */
public enum CommitBeat {
    /** One fsync, or two. A kill costs at most that what was acknowledged since is sent again, and found to be there. */
    CURSORS(Duration.ofSeconds(15), Duration.ofSeconds(12)),

    /**
     * Of the lines that were copied to files: one for each file that grew, and the position. A kill costs at most that what
     * was copied since is read from its origin again, and found to be there.
     */
    COPIES(Duration.ofMinutes(1), Duration.ofMillis(17_500));

    private final long every;
    private final long fsync;

    CommitBeat(Duration every, Duration fsync) {
        this.every = every.toNanos();
        this.fsync = fsync.toNanos();
    }

    /** @return true when there was a beat between two moments of the clock that all of them have, in nanoseconds */
    public boolean isBetween(long before, long now) {
        return Math.floorDiv(now, every) > Math.floorDiv(before, every);
    }

    long every() {
        return every;
    }

    /** The time of which one fsync is the share. */
    long fsync() {
        return fsync;
    }
}
