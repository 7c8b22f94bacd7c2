package io.farrier.logs.copied;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Set;

/**
 * The live file of one log. It never gets shorter: what stands behind {@code next} was written by a run that was killed
 * before it said so, and is what its origin is about to tell again.
 */
public final class CopiedFile implements Closeable {
    /** What lies behind {@code length} may be there, but is not known to be on disk. */
    public record End(long inode, long length) {}

    private final FileChannel channel;
    private final long inode;
    private long next;
    private long size;
    private boolean isUnforced;

    private CopiedFile(FileChannel channel, long inode, long next, long size) {
        this.channel = channel;
        this.inode = inode;
        this.next = next;
        this.size = size;
    }

    /** @param known as far as it is known to be on disk; of another file that had this name it says nothing */
    static CopiedFile open(Path path, End known) throws IOException {
        FileChannel channel = FileChannel.open(
                path,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        long inode = inode(path);
        long size = channel.size();
        return new CopiedFile(channel, inode, inode == known.inode() ? Math.min(known.length(), size) : 0, size);
    }

    static long inode(Path path) throws IOException {
        return Files.getAttribute(path, "unix:ino") instanceof Number number ? number.longValue() : 0;
    }

    long size() {
        return size;
    }

    End end() {
        return new End(inode, next);
    }

    /** Whole lines, unless they are there already. */
    void append(byte[] lines) throws IOException {
        int there = next < size ? alreadyThere(lines) : 0;
        next += there;
        write(lines, there);
    }

    boolean isUnforced() {
        return isUnforced;
    }

    void force() throws IOException {
        if (isUnforced) {
            channel.force(false);
            isUnforced = false;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Goes to where the lines, or the torn beginning of them, stand behind {@code next}; else to the end. */
    private int alreadyThere(byte[] lines) throws IOException {
        byte[] here = read(next, (int) Math.min(lines.length, size - next));
        if (Arrays.equals(here, 0, here.length, lines, 0, here.length)) {
            return here.length;
        }
        byte[] rest = read(next, (int) (size - next));
        for (int start = 0; start < rest.length; start = lineAfter(rest, start)) {
            int length = Math.min(lines.length, rest.length - start);
            if (Arrays.equals(rest, start, start + length, lines, 0, length)) {
                next += start;
                return length;
            }
        }
        next = size;
        if (rest.length > 0 && rest[rest.length - 1] != '\n') {
            write(new byte[] {'\n'}, 0);
        }
        return 0;
    }

    private static int lineAfter(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                return i + 1;
            }
        }
        return bytes.length;
    }

    /** Bounded as the file is. */
    private byte[] read(long from, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) > 0) {
            // Until it is full or the file ends.
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /** When it fails, what has been written of it stands behind {@code next}, as after a kill. */
    private void write(byte[] bytes, int from) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes, from, bytes.length - from);
        isUnforced |= left.hasRemaining();
        long start = next;
        while (left.hasRemaining()) {
            channel.write(left, start + left.position() - from);
            size = Math.max(size, start + left.position() - from);
        }
        next = start + bytes.length - from;
    }
}
