package io.farrier.logs.docker;

import java.io.IOException;
import java.util.Optional;

/** Bytes as they come, made to pieces. */
interface Framing {
    /** What is larger was not written by a container: dockerd cuts lines at 16 KiB. */
    int MAX_PIECE_BYTES = 1 << 20;

    void feed(byte[] bytes);

    /** @throws IOException when it is nothing that dockerd says */
    Optional<LogPiece> next() throws IOException;

    /** Nothing follows: what is left of a line is a line. */
    default Optional<LogPiece> rest() throws IOException {
        return Optional.empty();
    }
}
