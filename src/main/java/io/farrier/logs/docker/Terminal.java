package io.farrier.logs.docker;

import java.io.IOException;
import java.util.Optional;

/** The one stream of a container with a terminal: no frames, every piece begins with its time. */
final class Terminal implements Framing {
    /** moby: daemon/logger/copier.go, defaultBufSize: a longer line comes in pieces of this, without an end. */
    private static final int PIECE_BYTES = 16 << 10;

    private final PendingBytes pending = new PendingBytes();

    @Override
    public void feed(byte[] bytes) {
        pending.add(bytes);
    }

    @Override
    public Optional<LogPiece> next() throws IOException {
        int space = pending.indexOf(' ', Stamp.MAX_BYTES);
        if (space < 0) {
            if (pending.size() >= Stamp.MAX_BYTES) {
                throw new IOException("Docker's log has a line without a time");
            }
            return Optional.empty();
        }
        int begin = space + 1;
        int end = pending.indexOf('\n', begin + PIECE_BYTES + 1);
        if (end >= 0) {
            LogPiece line = piece(space, end, true);
            pending.skip(end + 1);
            return Optional.of(line);
        }
        // One byte more tells whether the line has its end right behind the piece.
        if (pending.size() <= begin + PIECE_BYTES) {
            return Optional.empty();
        }
        LogPiece part = piece(space, begin + PIECE_BYTES, false);
        pending.skip(begin + PIECE_BYTES);
        return Optional.of(part);
    }

    @Override
    public Optional<LogPiece> rest() throws IOException {
        int space = pending.indexOf(' ', Stamp.MAX_BYTES);
        return space < 0 ? Optional.empty() : Optional.of(piece(space, pending.size(), true));
    }

    private LogPiece piece(int space, int end, boolean isWhole) throws IOException {
        return new LogPiece(Stamp.parse(pending.copy(0, space)), false, pending.copy(space + 1, end), isWhole);
    }
}
