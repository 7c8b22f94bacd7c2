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
            Optional<byte[]> more = answer.read(Duration.ZERO);
            more.ifPresent(framing::feed);
            hasEnded = more.isEmpty();
            piece = hasEnded ? framing.rest() : framing.next();
        }
        return piece;
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
