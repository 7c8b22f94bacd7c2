package io.farrier.logs;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * The content of a gzip file. It is found out step by step, so that no look at a long one takes long, and read mostly
 * forwards: what was read last is kept, anything further back is inflated again from the start.
 */
final class GzipBytes implements LogBytes {
    /** What a batch is read with: context before it, itself, and the next piece behind it. */
    static final int WINDOW_BYTES = 512 << 10;

    /** So many are inflated by one look. */
    static final int STEP_BYTES = 1 << 20;

    /** Kept for good: a file is known by its first line. */
    private static final int HEAD_BYTES = FileFingerprint.MAX_BYTES;

    private static final int BUFFER_BYTES = 64 << 10;

    private final FileChannel channel;
    private final Inflaters inflaters;
    private byte[] head = new byte[0];
    private long size;
    private boolean isWhole;
    private @Nullable InputStream ahead;
    private @Nullable InputStream reading;
    private byte @Nullable [] window;
    private long readTo;

    /** How many files may be inflated at a time; the others wait with nothing but a descriptor. */
    static final class Inflaters {
        static final int MAX = 8;

        private int free = MAX;

        private boolean take() {
            if (free == 0) {
                return false;
            }
            free--;
            return true;
        }

        private void giveBack() {
            free++;
        }
    }

    GzipBytes(FileChannel channel, Inflaters inflaters) {
        this.channel = channel;
        this.inflaters = inflaters;
    }

    static boolean isGzip(FileChannel channel) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(2);
        return channel.read(start, 0) == 2 && start.get(0) == 0x1f && start.get(1) == (byte) 0x8b;
    }

    /** The beginning, by itself: enough to tell whose content it is. */
    static LogBytes head(FileChannel channel) throws IOException {
        byte[] start;
        try (InputStream inflated = inflate(channel)) {
            start = readUpTo(inflated, HEAD_BYTES);
        } catch (EOFException | ZipException noGzip) {
            start = new byte[0];
        }
        byte[] bytes = start;
        return new LogBytes() {
            @Override
            public long size() {
                return bytes.length;
            }

            @Override
            public boolean isWhole() {
                return bytes.length < HEAD_BYTES;
            }

            @Override
            public int read(ByteBuffer into, long at) {
                return copy(bytes, 0, bytes.length, at, into);
            }

            @Override
            public void close() {}
        };
    }

    /** Inflates another step, if its turn has come. */
    @Override
    public long size() throws IOException {
        if (isWhole) {
            return size;
        }
        if (window == null) {
            if (!inflaters.take()) {
                return size;
            }
            window = new byte[WINDOW_BYTES];
        }
        if (ahead == null) {
            ahead = open();
        }
        byte[] step = ahead == null ? new byte[0] : readUpTo(ahead, STEP_BYTES);
        if (size == 0) {
            head = Arrays.copyOf(step, Math.min(step.length, HEAD_BYTES));
        }
        size += step.length;
        isWhole = step.length < STEP_BYTES;
        if (isWhole && ahead != null) {
            ahead.close();
            ahead = null;
        }
        return size;
    }

    @Override
    public boolean isWhole() {
        return isWhole;
    }

    @Override
    public int read(ByteBuffer into, long at) throws IOException {
        if (at >= size) {
            return -1;
        }
        if (at + into.remaining() <= head.length) {
            return copy(head, 0, head.length, at, into);
        }
        byte[] kept = window;
        if (kept == null) {
            return -1;
        }
        if (at < Math.max(0, readTo - kept.length)) {
            rewind();
        }
        inflateTo(kept, Math.min(size, at + Math.min(into.remaining(), kept.length)));
        return fromWindow(kept, at, into);
    }

    @Override
    public void close() throws IOException {
        rewind();
        if (ahead != null) {
            ahead.close();
            ahead = null;
        }
        if (window != null) {
            window = null;
            inflaters.giveBack();
        }
        channel.close();
    }

    private void rewind() throws IOException {
        if (reading != null) {
            reading.close();
            reading = null;
        }
        readTo = 0;
    }

    private void inflateTo(byte[] kept, long end) throws IOException {
        if (reading == null) {
            reading = open();
        }
        while (reading != null && readTo < end) {
            int at = (int) (readTo % kept.length);
            int read = reading.read(kept, at, (int) Math.min(kept.length - at, end - readTo));
            if (read < 0) {
                throw new EOFException("a gzip file became shorter while it was read, at " + readTo + " of " + size);
            }
            readTo += read;
        }
    }

    private int fromWindow(byte[] kept, long at, ByteBuffer into) {
        int length = (int) Math.min(into.remaining(), readTo - at);
        if (length <= 0) {
            return -1;
        }
        int from = (int) (at % kept.length);
        int first = Math.min(length, kept.length - from);
        into.put(kept, from, first).put(kept, 0, length - first);
        return length;
    }

    /** What is cut short or damaged is read as far as it goes, by both streams alike. */
    private @Nullable InputStream open() throws IOException {
        try {
            return inflate(channel);
        } catch (EOFException | ZipException noGzip) {
            return null;
        }
    }

    private static InputStream inflate(FileChannel channel) throws IOException {
        return new GZIPInputStream(new FromStart(channel), BUFFER_BYTES);
    }

    private static byte[] readUpTo(InputStream inflated, int length) throws IOException {
        byte[] bytes = new byte[length];
        int filled = 0;
        try {
            while (filled < length) {
                int read = inflated.read(bytes, filled, length - filled);
                if (read < 0) {
                    break;
                }
                filled += read;
            }
        } catch (EOFException | ZipException cutShort) {
            // What came before is content.
        }
        return Arrays.copyOf(bytes, filled);
    }

    private static int copy(byte[] bytes, int from, int to, long at, ByteBuffer into) {
        if (at >= to) {
            return -1;
        }
        int length = (int) Math.min(into.remaining(), to - at);
        into.put(bytes, from + (int) at, length);
        return length;
    }

    /** Two streams read one channel, each at a place of its own; closing one leaves it open. */
    private static final class FromStart extends InputStream {
        private final FileChannel channel;
        private long position;

        FromStart(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = channel.read(ByteBuffer.wrap(into, offset, length), position);
            position += Math.max(read, 0);
            return read;
        }

        /** GZIPInputStream asks, at the end of a member, whether another follows. */
        @Override
        public int available() throws IOException {
            return (int) Math.min(Integer.MAX_VALUE, channel.size() - position);
        }
    }
}
