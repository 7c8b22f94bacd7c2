package io.farrier.logs.docker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Both streams over one connection: each piece in a frame of its own, {@code <stream> 0 0 0 <length, big endian>} (Docker's
 * Engine API, ContainerAttach).
 */
final class Multiplexed implements Framing {
    private static final int HEADER_BYTES = 8;
    private static final int STDERR = 2;
    private static final int SYSTEM_ERROR = 3;
    private static final int BYTE = 0xff;

    private final PendingBytes pending = new PendingBytes();

    @Override
    public void feed(byte[] bytes) {
        pending.add(bytes);
    }

    @Override
    public Optional<LogPiece> next() throws IOException {
        if (pending.size() < HEADER_BYTES) {
            return Optional.empty();
        }
        int stream = pending.at(0);
        long length = 0;
        for (int i = HEADER_BYTES - Integer.BYTES; i < HEADER_BYTES; i++) {
            length = length << Byte.SIZE | pending.at(i) & BYTE;
        }
        if (stream < 0 || stream > SYSTEM_ERROR || length > MAX_PIECE_BYTES) {
            throw new IOException("Docker's log has a frame of stream " + stream + " with " + length + " bytes");
        }
        if (pending.size() < HEADER_BYTES + length) {
            return Optional.empty();
        }
        byte[] frame = pending.copy(HEADER_BYTES, HEADER_BYTES + (int) length);
        pending.skip(HEADER_BYTES + frame.length);
        if (stream == SYSTEM_ERROR) {
            throw new IOException("dockerd broke off the log: " + new String(frame, StandardCharsets.UTF_8).strip());
        }
        return Optional.of(piece(frame, stream == STDERR));
    }

    private static LogPiece piece(byte[] frame, boolean isStderr) throws IOException {
        PendingBytes line = new PendingBytes();
        line.add(frame);
        int space = line.indexOf(' ', Stamp.MAX_BYTES);
        if (space < 0) {
            throw new IOException("Docker's log has a frame without a time");
        }
        boolean isWhole = frame[frame.length - 1] == '\n';
        byte[] text = line.copy(space + 1, isWhole ? frame.length - 1 : frame.length);
        return new LogPiece(Stamp.parse(line.copy(0, space)), isStderr, text, isWhole);
    }
}
