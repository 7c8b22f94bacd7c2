package io.farrier.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Some bytes of a file that others read at the same time; closing it leaves the file open. */
final class FileRegion extends InputStream {
    private final FileChannel file;
    private long at;
    private final long end;

    FileRegion(FileChannel file, long offset, long size) {
        this.file = file;
        this.at = offset;
        this.end = offset + size;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        if (at >= end) {
            return -1;
        }
        int wanted = (int) Math.min(length, end - at);
        int read = file.read(ByteBuffer.wrap(bytes, from, wanted), at);
        if (read < 0) {
            throw new EOFException("the file got shorter while it was read");
        }
        at += read;
        return read;
    }

    @Override
    public long skip(long count) {
        long skipped = Math.max(0, Math.min(count, end - at));
        at += skipped;
        return skipped;
    }
}
