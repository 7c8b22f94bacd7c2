package io.farrier.collector.store;

import java.util.List;

/** Finds where the first line begins whose last piece has not come yet: Docker and CRI cut lines at 16 KiB. */
final class OpenLine {
    private static final long NONE = Long.MAX_VALUE;

    private OpenLine() {}

    /**
     * The offset in the file, {@link Long#MAX_VALUE} when all lines are whole or when what is open is longer than {@link
     * Shelf#MAX_OPEN_BYTES}.
     *
     * @param run chunks of one source that follow each other
     */
    static long startIn(List<Chunk> run) {
        if (run.stream().noneMatch(Chunk::hasPartials)) {
            return NONE;
        }
        LineShape shape = new LineShape();
        long stdout = NONE;
        long stderr = NONE;
        for (Chunk chunk : run) {
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
        long open = Math.min(stdout, stderr);
        boolean tooLong = open != NONE && run.get(run.size() - 1).to() - open > Shelf.MAX_OPEN_BYTES;
        return tooLong ? NONE : open;
    }

    private static long openAfter(LineShape shape, long open, long offset) {
        if (!shape.isPartial()) {
            return NONE;
        }
        return open == NONE ? offset : open;
    }
}
