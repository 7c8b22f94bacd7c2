package io.farrier.logs.docker;

import java.time.Instant;
import java.util.Arrays;

/**
 * What a container wrote at once: a line or, of a long one, a piece, which has the time of the first.
 *
 * @param text without the line's end
 * @param isWhole false when the line goes on
 */
record LogPiece(Instant time, boolean isStderr, byte[] text, boolean isWhole) {
    @Override
    public String toString() {
        return time + (isStderr ? " stderr " : " stdout ") + text.length + " bytes " + Arrays.hashCode(text);
    }
}
