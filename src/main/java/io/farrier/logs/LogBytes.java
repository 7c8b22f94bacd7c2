package io.farrier.logs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** What an open log file says, as its writer wrote it: offsets are those of this, compressed or not. */
interface LogBytes extends Closeable {
    /** How many there are, as far as is known by now. */
    long size() throws IOException;

    /** False while there is more than {@link #size} tells, though nobody writes. */
    boolean isWhole();

    /** @return how many were read into {@code into}, -1 at the end */
    int read(ByteBuffer into, long at) throws IOException;
}
