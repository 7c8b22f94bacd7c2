package io.farrier.collector.store;

import io.farrier.segment.Segment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;

/**
 * What memory holds of a block: enough to know that a search need not read it.
 *
 * @param sources their numbers
 */
record BlockRef(
        Path segment,
        long headAt,
        long filterAt,
        long minId,
        long maxId,
        long minReceived,
        long maxReceived,
        long lines,
        int[] sources) {

    static BlockRef of(Path segment, long headAt, BlockHead head, int[] sources) {
        long minId = Long.MAX_VALUE;
        long maxId = Long.MIN_VALUE;
        long minReceived = Long.MAX_VALUE;
        long maxReceived = Long.MIN_VALUE;
        long lines = 0;
        for (BlockHead.Part part : head.parts()) {
            minId = Math.min(minId, part.firstId());
            maxId = Math.max(maxId, part.firstId() + part.lines() - 1);
            minReceived = Math.min(minReceived, part.received());
            maxReceived = Math.max(maxReceived, part.received());
            lines += part.lines();
        }
        int[] distinct = Arrays.stream(sources).sorted().distinct().toArray();
        return new BlockRef(segment, headAt, head.filterAt(), minId, maxId, minReceived, maxReceived, lines, distinct);
    }

    /** The head follows the filter. */
    int filterBytes() {
        return (int) (headAt - filterAt) - Segment.overhead();
    }

    boolean holdsOneOf(BitSet wanted) {
        for (int source : sources) {
            if (wanted.get(source)) {
                return true;
            }
        }
        return false;
    }
}
