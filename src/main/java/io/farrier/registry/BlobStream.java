package io.farrier.registry;

import io.farrier.transport.HttpStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** The body of an answer as a stream; nobody who reads it waits longer than {@code idle} for the next byte. */
final class BlobStream extends InputStream {
    private final HttpStream stream;
    private final Duration idle;
    private byte[] chunk = new byte[0];
    private int at;

    BlobStream(HttpStream stream, Duration idle) {
        this.stream = stream;
        this.idle = idle;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        while (at == chunk.length) {
            var more = stream.read(idle);
            if (more.isEmpty()) {
                return -1;
            }
            chunk = more.get();
            at = 0;
        }
        int count = Math.min(length, chunk.length - at);
        System.arraycopy(chunk, at, bytes, from, count);
        at += count;
        return count;
    }

    @Override
    public void close() {
        stream.close();
    }
}
