package io.farrier.logs.docker;

import io.farrier.transport.HttpStream;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** The pieces of one answer as they come. One thread. */
final class LineStream implements Closeable {
    private final HttpStream answer;
    private final Framing framing;
    private boolean hasEnded;

    LineStream(HttpStream answer, Framing framing) {
        this.answer = answer;
        this.framing = framing;
    }

    /** The next piece, if it is there without waiting. */
    Optional<LogPiece> next() throws IOException {
        Optional<LogPiece> piece = framing.next();
        while (piece.isEmpty() && !hasEnded && answer.isReady()) {
            piece = read(Duration.ZERO);
        }
        return piece;
    }

    /**
     * The next piece, waited for; empty when there is none any more.
     *
     * @throws io.farrier.transport.SilentPeerException when nothing came for so long
     */
    Optional<LogPiece> next(Duration patience) throws IOException {
        Optional<LogPiece> piece = framing.next();
        while (piece.isEmpty() && !hasEnded) {
            piece = read(patience);
        }
        return piece;
    }

    private Optional<LogPiece> read(Duration patience) throws IOException {
        Optional<byte[]> more = answer.read(patience);
        more.ifPresent(framing::feed);
        hasEnded = more.isEmpty();
        return hasEnded ? framing.rest() : framing.next();
    }

    /** True when dockerd said that this was all; false when the connection broke, which {@link #next} throws. */
    boolean hasEnded() {
        return hasEnded;
    }

    @Override
    public void close() {
        answer.close();
    }
}
