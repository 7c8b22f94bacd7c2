package io.farrier.logs.docker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What dockerd sends of a log, byte by byte, and what is read of it. */
final class DockerStreams {
    static final Instant TIME = Instant.parse("2026-11-29T08:00:00.123456789Z");

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    DockerStreams frame(int stream, String payload) {
        byte[] text = payload.getBytes(StandardCharsets.UTF_8);
        bytes.writeBytes(ByteBuffer.allocate(8)
                .put((byte) stream)
                .put(new byte[3])
                .putInt(text.length)
                .array());
        bytes.writeBytes(text);
        return this;
    }

    DockerStreams raw(String payload) {
        bytes.writeBytes(payload.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    static LogPiece piece(long nanosLater, boolean isStderr, String text, boolean isWhole) {
        return new LogPiece(TIME.plusNanos(nanosLater), isStderr, text.getBytes(StandardCharsets.UTF_8), isWhole);
    }

    /** As text, in chunks of {@code size} bytes. */
    static List<String> read(Framing framing, byte[] bytes, int size) throws IOException {
        List<String> pieces = new ArrayList<>();
        for (int from = 0; from < bytes.length; from += size) {
            framing.feed(java.util.Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + size)));
            for (Optional<LogPiece> piece = framing.next(); piece.isPresent(); piece = framing.next()) {
                pieces.add(text(piece.get()));
            }
        }
        framing.rest().map(DockerStreams::text).ifPresent(pieces::add);
        return pieces;
    }

    static String text(LogPiece piece) {
        return Stamp.utc(piece.time())
                + (piece.isStderr() ? " err " : " out ")
                + (piece.isWhole() ? "F " : "P ")
                + new String(piece.text(), StandardCharsets.UTF_8);
    }
}
