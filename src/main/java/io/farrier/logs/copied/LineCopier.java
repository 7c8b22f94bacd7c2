package io.farrier.logs.copied;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Copies lines from where they are to files; one thread owns it and calls all of this. */
public interface LineCopier extends Closeable {
    /** What a node's owner wants to see of the time before farrier came; an origin may hold months. */
    Duration HISTORY = Duration.ofHours(1);

    /** Between looks while the origin has lines. */
    Duration REST = Duration.ofMillis(100);

    /** While it has none: an idle agent wakes up no more often than this. */
    Duration LONG_REST = Duration.ofSeconds(1);

    /**
     * Takes what there is, without waiting for more.
     *
     * @return after how long to come again
     */
    Duration turn();

    /** Where the lines of each log are, or will be; by unit or by container id. */
    Map<String, Path> logs();

    /** What may be missing; said until {@link #told}. */
    Set<Loss> losses();

    /** That these may be lost is on disk elsewhere. */
    void told(Set<Loss> losses) throws IOException;

    /** Gives back the disk that is not needed any more. */
    void delete(Stored stored) throws IOException;

    Status status();

    /**
     * @param bytes of all files
     * @param isFull true while the origin waits for the collector
     * @param problem why it is not read now
     */
    record Status(long bytes, boolean isFull, Optional<String> problem) {}
}
