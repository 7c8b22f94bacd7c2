package io.farrier.logs.copied;

/**
 * Since when something has been on disk, and when it may be forced there again: the more fsyncs it took, the later. Its owner
 * may always come sooner, for a reason of its own; what comes by the beat waits the longer then.
 */
public final class CommitPace {
    /** Whoever had reasons of its own all the time is not silent for longer once they are gone. */
    private static final int MOST_BEATS = 10;

    private final CommitBeat beat;
    private long committedAt;
    private long freeAt;

    /** @param now of the clock by which all others commit, as in each call: nanoseconds */
    public CommitPace(CommitBeat beat, long now) {
        this.beat = beat;
        this.committedAt = now;
        this.freeAt = now;
    }

    /** Whether this is a moment in which others commit too, or the first look after it. */
    public boolean isDue(long now) {
        return beat.isBetween(freeAt, now);
    }

    /** Whether the fsyncs that there were have had their share of the time. */
    public boolean isFree(long now) {
        return now - freeAt >= 0;
    }

    /** Nanoseconds since the last commit, or since the beginning. */
    public long since(long now) {
        return now - committedAt;
    }

    /** @param fsyncs how many it took */
    public void committed(int fsyncs, long now) {
        long owed = Math.max(0, freeAt - now) + fsyncs * beat.fsync();
        freeAt = now + Math.min(owed, MOST_BEATS * beat.every());
        committedAt = now;
    }
}
