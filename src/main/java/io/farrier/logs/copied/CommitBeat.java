package io.farrier.logs.copied;

import java.time.Duration;

/**
 * When what was read, and how far, is forced to disk: by all threads of a process at the same moments. etcd's log may be on
 * the same disk, and each of its fsyncs waits for ours: no more than one in five seconds is wanted of an agent (SAFETY 23).
 * Some at once meet fewer of etcd's than as many spread over the time, and a journaling file system makes one of those that
 * come together.
 */
public enum CommitBeat {
    /** One fsync. A kill costs at most that what was acknowledged within this is sent again, and found to be there. */
    CURSORS(Duration.ofSeconds(10)),

    /**
     * Of the lines that were copied to files: one for each file that grew, and the position. A kill costs at most that what
     * was copied within this is read from its origin again, and found to be there.
     */
    COPIES(Duration.ofMinutes(1));

    private final Duration every;

    CommitBeat(Duration every) {
        this.every = every;
    }

    /**
     * @param before when it was done last, of the clock that all of them have
     * @return true when there was a beat since
     */
    public boolean isDue(long before, long now) {
        return Math.floorDiv(now, every.toNanos()) > Math.floorDiv(before, every.toNanos());
    }
}
