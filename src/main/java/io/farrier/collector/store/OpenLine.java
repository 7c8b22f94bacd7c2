package io.farrier.collector.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the first line begins whose last piece has not come yet: Docker and CRI cut lines at 16 KiB, and what comes
 * between two pieces may be whole lines of the other stream.
 */
final class OpenLine {
    private static final long NONE = Long.MAX_VALUE;

    private final LineShape shape = new LineShape();
    private @Nullable Chunk last;
    private long stdout = NONE;
    private long stderr = NONE;

    /**
     * The offset in the file, {@link Long#MAX_VALUE} when all lines are whole or when what is open is longer than {@link
     * Shelf#MAX_OPEN_BYTES}.
     *
     * @param run chunks of one source that follow each other
     */
    static long startIn(List<Chunk> run) {
        OpenLine open = new OpenLine();
        run.forEach(open::add);
        return open.start();
    }

    /** The next chunk. One that does not follow the last begins anew. */
    void add(Chunk chunk) {
        if (last != null && !Shelf.follows(last, chunk)) {
            stdout = NONE;
            stderr = NONE;
        }
        last = chunk;
        if (chunk.hasPartials() || stdout != NONE || stderr != NONE) {
            read(chunk);
        }
    }

    /** Whether a line that is open goes on in this chunk. */
    boolean goesOnIn(Chunk next) {
        return last != null && Shelf.follows(last, next) && start() != NONE;
    }

    private long start() {
        long open = Math.min(stdout, stderr);
        boolean tooLong = last != null && open != NONE && last.to() - open > Shelf.MAX_OPEN_BYTES;
        return tooLong ? NONE : open;
    }

    private void read(Chunk chunk) {
        for (int at = chunk.start(); at < chunk.end(); ) {
            int feed = LineFeeds.next(chunk.array(), at, chunk.end());
            shape.read(chunk.source().form(), chunk.array(), at, feed);
            long offset = chunk.from() + at - chunk.start();
            if (shape.isStderr()) {
                stderr = openAfter(shape, stderr, offset);
            } else {
                stdout = openAfter(shape, stdout, offset);
            }
            at = feed + 1;
        }
    }

    private static long openAfter(LineShape shape, long open, long offset) {
        if (!shape.isPartial()) {
            return NONE;
        }
        return open == NONE ? offset : open;
    }
}
