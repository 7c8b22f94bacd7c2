package io.farrier.feed;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** The zlib format, for bodies whose plain length is known beforehand. */
final class Deflate {
    private static final int CHUNK = 64 << 10;

    private Deflate() {}

    static byte[] deflate(ByteBuffer plain) {
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try {
            deflater.setInput(plain.duplicate());
            deflater.finish();
            return drain(deflater);
        } finally {
            deflater.end();
        }
    }

    private static byte[] drain(Deflater deflater) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(CHUNK);
        byte[] chunk = new byte[CHUNK];
        while (!deflater.finished()) {
            out.write(chunk, 0, deflater.deflate(chunk));
        }
        return out.toByteArray();
    }

    /** Exactly {@code length} bytes; whatever would inflate to more or fewer is refused without inflating it whole. */
    static ByteBuffer inflate(ByteBuffer deflated, int length) throws InvalidFrameException {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(deflated);
            return inflate(inflater, length);
        } catch (DataFormatException notDeflate) {
            throw new InvalidFrameException("the body is not in zlib format");
        } finally {
            inflater.end();
        }
    }

    private static ByteBuffer inflate(Inflater inflater, int length) throws DataFormatException, InvalidFrameException {
        // One byte more than expected, so that a body that is too long shows.
        byte[] plain = new byte[length + 1];
        int filled = 0;
        int got;
        do {
            got = inflater.inflate(plain, filled, plain.length - filled);
            filled += got;
        } while (got > 0 && !inflater.finished());
        if (!inflater.finished() || filled != length || inflater.getRemaining() > 0) {
            throw new InvalidFrameException(
                    "the body does not inflate to the " + length + " bytes that from and to say");
        }
        return ByteBuffer.wrap(plain, 0, length).slice();
    }
}
