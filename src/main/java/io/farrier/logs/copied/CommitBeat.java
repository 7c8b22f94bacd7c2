package io.farrier.logs.copied;

import java.time.Duration;

/**
 * When what was read, and how far, is forced to disk: by all threads of a process at the same moments. etcd's log may be on
 * the same disk, and each of its fsyncs waits for ours (SAFETY 23): some at once every five seconds meet fewer of them than
 * as many spread over the time, and a journaling file system makes one of those that come together.
 */
public final class CommitBeat {
    /** A kill costs at most that what was read within this is read again, and found to be there. */
    public static final Duration EVERY = Duration.ofSeconds(5);

    private CommitBeat() {}

    /**
     * @param before when it was done last, of the clock that all of them have
     * @return true when there was a beat since
     */
    public static boolean isDue(long before, long now) {
        return Math.floorDiv(now, EVERY.toNanos()) > Math.floorDiv(before, EVERY.toNanos());
    }
}
