package io.farrier.logs;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Counts lines eight bytes at a time: for each batch this is the only work that touches every byte. */
final class LineCount {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long LINE_FEEDS = 0x0a0a0a0a0a0a0a0aL;
    private static final long LOW_BITS = 0x7f7f7f7f7f7f7f7fL;

    private LineCount() {}

    /** Line feeds, and one more when the last line has none. */
    static int of(ByteBuffer body) {
        byte[] bytes = body.array();
        int i = body.arrayOffset() + body.position();
        int end = body.arrayOffset() + body.limit();
        int lines = bytes[end - 1] == '\n' ? 0 : 1;
        for (; i + Long.BYTES <= end; i += Long.BYTES) {
            long differs = (long) LONGS.get(bytes, i) ^ LINE_FEEDS;
            // A byte's high bit stays clear where all of its bits were equal.
            long high = (differs & LOW_BITS) + LOW_BITS | differs | LOW_BITS;
            if (high != -1L) {
                lines += Long.bitCount(~high);
            }
        }
        for (; i < end; i++) {
            lines += bytes[i] == '\n' ? 1 : 0;
        }
        return lines;
    }
}
