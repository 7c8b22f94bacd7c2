package io.farrier.logs;

import java.io.Closeable;
import java.util.List;

/**
 * Where sources of one kind come from and go to: files, or whatever else writes lines on a node. Called from the tail
 * thread only. A kind gives each source that it finds to {@link Cursors#named} and takes care of what holds its bytes.
 */
interface SourceKind extends Closeable {
    /** Looks at what may have changed. */
    void look();

    /** How much more there was at the last look than at the one before. */
    long grownBytes();

    /** In the order in which they are to be read. */
    List<? extends Source> sources();

    /** What is to be remembered of sources that are over. */
    List<Checkpoint.Entry> finished();

    /** A checkpoint that calls this one of its sources done is on disk: nothing needs to hold it any more. */
    void release(Source done);

    /** What is due only from time to time. */
    void tidy();

    /** True while something happens that no watch would tell. */
    boolean stirs();

    /** True when whatever happens next is told, and nothing waits for time to pass. */
    default boolean isAtRest() {
        return false;
    }
}
