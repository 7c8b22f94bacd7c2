package io.farrier.logs.docker;

import java.time.Instant;

/**
 * The last piece of a stream that was copied.
 *
 * @param count how many of the stream have had this time: pieces of one line share it
 * @param isOpen whether its line goes on
 */
record Mark(long seconds, int nanos, int count, boolean isOpen) {
    static Mark of(LogPiece piece, int count) {
        return new Mark(piece.time().getEpochSecond(), piece.time().getNano(), count, !piece.isWhole());
    }

    Instant time() {
        return Instant.ofEpochSecond(seconds, nanos);
    }
}
