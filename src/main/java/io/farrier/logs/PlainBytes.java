package io.farrier.logs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A file as it is. */
record PlainBytes(FileChannel channel) implements LogBytes {
    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public boolean isWhole() {
        return true;
    }

    @Override
    public int read(ByteBuffer into, long at) throws IOException {
        return channel.read(into, at);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
