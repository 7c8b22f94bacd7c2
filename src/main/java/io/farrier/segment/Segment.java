package io.farrier.segment;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.OptionalLong;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A file of records, written at its end only. One writer; not for use by several threads.
 *
 * <pre>
 * file    = head head record*             two copies of the head, so that one flipped byte costs neither
 * head    = "FARRSEG1" salt(8) crc(4) 0(4)
 * record  = "FREC" length(4) payload-crc(4) head-crc(4) payload
 *         | "FBIG" length(4) payload-crc(4) head-crc(4) payload     its payload is not read at opening
 * </pre>
 *
 * Numbers are big-endian, checksums CRC32C. The checksum of a record's head begins with the file's salt, so that bytes
 * inside a payload (log lines are foreign) cannot pass for a record when a damaged one is skipped.
 *
 * <p>Opening walks the file: a record that does not check is skipped to the next one that does; what follows the last
 * good record is a torn tail and is cut off. What makes a file large can be written with {@link #appendUnread}: opening
 * then steps over it, and its owner looks at what was not yet on disk for certain.
 */
public final class Segment implements Closeable {
    /** A record holds at most one message of the feed and its envelope. */
    public static final int MAX_RECORD_BYTES = 5 << 20;

    private static final long FILE_MAGIC = 0x4641525253454731L; // "FARRSEG1"
    private static final int RECORD_MAGIC = 0x46524543; // "FREC"
    private static final int UNREAD_MAGIC = 0x46424947; // "FBIG"
    private static final int HEAD_BYTES = 24;
    private static final int FIRST_RECORD = 2 * HEAD_BYTES;
    private static final int RECORD_HEAD_BYTES = 16;
    private static final int SCAN_BYTES = 64 << 10;

    private final Path path;
    private final FileChannel channel;
    private final long salt;
    private long end;
    private long skippedBytes;
    private long cutBytes;

    private Segment(Path path, FileChannel channel, long salt) {
        this.path = path;
        this.channel = channel;
        this.salt = salt;
        this.end = FIRST_RECORD;
    }

    /** Hears of each good record, in order. The payload is only lent. */
    @FunctionalInterface
    public interface Visitor {
        void record(long position, ByteBuffer payload) throws IOException;

        /** A record of {@link #appendUnread} is there; whether its payload is still whole, {@link #read} tells. */
        default void unread(long position) {}
    }

    /**
     * Opens or makes the file (mode 0600), shows its good records to {@code visitor} and cuts a torn tail.
     *
     * @throws NotASegmentException when the file has bytes, but neither copy of its head is whole
     */
    public static Segment open(Path path, Visitor visitor) throws IOException {
        FileChannel channel = FileChannel.open(
                path,
                Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Segment segment = new Segment(path, channel, salt(path, channel));
            segment.walk(visitor);
            return segment;
        } catch (IOException | RuntimeException failed) {
            channel.close();
            throw failed;
        }
    }

    /** Opens a file without walking it, to append at {@code end}, which is what {@link #length} said before. */
    public static Segment resume(Path path, long end) throws IOException {
        Segment segment = openThere(path, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
        segment.end = end;
        return segment;
    }

    /** Opens a file without walking it, only for {@link #read}; beside its writer, and also after it was deleted. */
    public static Segment forReading(Path path) throws IOException {
        return openThere(path, Set.of(StandardOpenOption.READ));
    }

    private static Segment openThere(Path path, Set<StandardOpenOption> options) throws IOException {
        FileChannel channel = FileChannel.open(path, options);
        try {
            return new Segment(path, channel, readSalt(channel).orElseThrow(() -> new NotASegmentException(path)));
        } catch (IOException | RuntimeException failed) {
            channel.close();
            throw failed;
        }
    }

    /**
     * Writes one record; it survives the end of this process, and the machine's after {@link #force}. When the disk
     * takes only a part of it, the file is as it was before.
     *
     * @return where it is, for {@link #read}
     */
    public long append(ByteBuffer payload) throws IOException {
        return append(RECORD_MAGIC, payload);
    }

    /** As {@link #append}; opening the file will not read the payload, and so not notice damage to it. */
    public long appendUnread(ByteBuffer payload) throws IOException {
        return append(UNREAD_MAGIC, payload);
    }

    private long append(int magic, ByteBuffer payload) throws IOException {
        if (payload.remaining() > MAX_RECORD_BYTES) {
            throw new IllegalArgumentException(
                    "a record of " + payload.remaining() + " bytes is larger than " + MAX_RECORD_BYTES);
        }
        long position = end;
        try {
            write(position, new ByteBuffer[] {head(magic, payload), payload.duplicate()});
        } catch (IOException failed) {
            channel.truncate(position);
            throw new IOException("Tried to append to " + path + " and could not: " + failed.getMessage(), failed);
        }
        end = position + RECORD_HEAD_BYTES + payload.remaining();
        return position;
    }

    /** @throws IOException also when the record has been damaged since it was written */
    public ByteBuffer read(long position) throws IOException {
        ByteBuffer head = fetch(position, RECORD_HEAD_BYTES);
        OptionalLong length = checkedLength(head);
        if (length.isEmpty()) {
            throw new IOException("the record at " + position + " of " + path + " is damaged");
        }
        ByteBuffer payload = fetch(position + RECORD_HEAD_BYTES, (int) length.getAsLong());
        if (!isWhole(head, payload)) {
            throw new IOException("the record at " + position + " of " + path + " is damaged");
        }
        return payload;
    }

    /** As {@link #read(long)}, in one access, when it is known how long the record is. */
    public ByteBuffer read(long position, int length) throws IOException {
        ByteBuffer record = fetch(position, RECORD_HEAD_BYTES + length);
        ByteBuffer head = record.slice(0, RECORD_HEAD_BYTES);
        ByteBuffer payload = record.slice(RECORD_HEAD_BYTES, length);
        if (!checkedLength(head).equals(OptionalLong.of(length)) || !isWhole(head, payload)) {
            throw new IOException("the record at " + position + " of " + path + " is damaged");
        }
        return payload;
    }

    /** What a record takes of the file besides its payload. */
    public static int overhead() {
        return RECORD_HEAD_BYTES;
    }

    public void force() throws IOException {
        channel.force(false);
    }

    /** Makes the record at {@code position} none, for every opening from now on. */
    public void strike(long position) throws IOException {
        ByteBuffer nothing = ByteBuffer.allocate(RECORD_HEAD_BYTES);
        while (nothing.hasRemaining()) {
            channel.write(nothing, position + nothing.position());
        }
        channel.force(false);
    }

    /** Takes back what was appended behind {@code length}, which is what {@link #length} said before it. */
    public void cutBack(long length) throws IOException {
        end = length;
        channel.truncate(length);
    }

    /** How long the file is. */
    public long length() {
        return end;
    }

    /** What opening skipped: bytes that were damaged between good records. */
    public long skippedBytes() {
        return skippedBytes;
    }

    /** What opening cut: bytes behind the last good record, normally a write that a kill interrupted. */
    public long cutBytes() {
        return cutBytes;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static long salt(Path path, FileChannel channel) throws IOException {
        // Fewer bytes than the two heads: the process died while making the file, and no record was written.
        if (channel.size() < FIRST_RECORD) {
            long salt = begin(channel);
            forceFolder(path.toAbsolutePath().getParent());
            return salt;
        }
        return readSalt(channel).orElseThrow(() -> new NotASegmentException(path));
    }

    private static OptionalLong readSalt(FileChannel channel) throws IOException {
        ByteBuffer heads = ByteBuffer.allocate(FIRST_RECORD);
        readFully(channel, heads, 0);
        heads.flip();
        for (int copy = 0; copy + HEAD_BYTES <= heads.remaining(); copy += HEAD_BYTES) {
            ByteBuffer head = heads.slice(copy, HEAD_BYTES);
            if (head.getLong(0) == FILE_MAGIC && head.getInt(16) == crc(head.slice(0, 16))) {
                return OptionalLong.of(head.getLong(8));
            }
        }
        return OptionalLong.empty();
    }

    /** The name of a new file is on disk only after this. */
    private static void forceFolder(@Nullable Path folder) throws IOException {
        if (folder != null) {
            try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
                names.force(true);
            }
        }
    }

    private static long begin(FileChannel channel) throws IOException {
        long salt = new SecureRandom().nextLong();
        ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES).putLong(FILE_MAGIC).putLong(salt);
        head.putInt(crc(head.duplicate().flip())).putInt(0).flip();
        ByteBuffer heads = ByteBuffer.allocate(FIRST_RECORD)
                .put(head.duplicate())
                .put(head)
                .flip();
        channel.truncate(0);
        while (heads.hasRemaining()) {
            channel.write(heads, heads.position());
        }
        return salt;
    }

    private void walk(Visitor visitor) throws IOException {
        long size = channel.size();
        long at = FIRST_RECORD;
        long good = FIRST_RECORD;
        while (at < size) {
            long next = afterRecord(at, size, visitor);
            if (next > 0) {
                skippedBytes += at - good;
                good = next;
                at = next;
            } else {
                at = nextMagic(at + 1, size);
            }
        }
        cutBytes = size - good;
        end = good;
        if (size > good) {
            channel.truncate(good);
        }
    }

    /** Where the good record at {@code at} ends, or 0 when there is none. */
    private long afterRecord(long at, long size, Visitor visitor) throws IOException {
        if (at + RECORD_HEAD_BYTES > size) {
            return 0;
        }
        ByteBuffer head = fetch(at, RECORD_HEAD_BYTES);
        OptionalLong length = checkedLength(head);
        if (length.isEmpty() || at + RECORD_HEAD_BYTES + length.getAsLong() > size) {
            return 0;
        }
        long end = at + RECORD_HEAD_BYTES + length.getAsLong();
        if (head.getInt(0) == UNREAD_MAGIC) {
            visitor.unread(at);
            return end;
        }
        ByteBuffer payload = fetch(at + RECORD_HEAD_BYTES, (int) length.getAsLong());
        if (!isWhole(head, payload)) {
            return 0;
        }
        visitor.record(at, payload);
        return end;
    }

    /** The next place at or after {@code from} that begins as a record does; {@code size} when there is none. */
    private long nextMagic(long from, long size) throws IOException {
        for (long at = from; at + RECORD_HEAD_BYTES <= size; at += SCAN_BYTES - Integer.BYTES + 1) {
            ByteBuffer window = fetch(at, (int) Math.min(SCAN_BYTES, size - at));
            for (int i = 0; i + Integer.BYTES <= window.limit(); i++) {
                if (isMagic(window.getInt(i))) {
                    return at + i;
                }
            }
        }
        return size;
    }

    private static boolean isMagic(int word) {
        return word == RECORD_MAGIC || word == UNREAD_MAGIC;
    }

    private ByteBuffer head(int magic, ByteBuffer payload) {
        ByteBuffer head = ByteBuffer.allocate(RECORD_HEAD_BYTES)
                .putInt(magic)
                .putInt(payload.remaining())
                .putInt(crc(payload));
        return head.putInt(headCrc(head)).flip();
    }

    private OptionalLong checkedLength(ByteBuffer head) {
        int length = head.getInt(4);
        boolean good = isMagic(head.getInt(0))
                && head.getInt(12) == headCrc(head)
                && length >= 0
                && length <= MAX_RECORD_BYTES;
        return good ? OptionalLong.of(length) : OptionalLong.empty();
    }

    private static boolean isWhole(ByteBuffer head, ByteBuffer payload) {
        return head.getInt(8) == crc(payload);
    }

    private int headCrc(ByteBuffer head) {
        return crc(ByteBuffer.allocate(Long.BYTES + 12)
                .putLong(salt)
                .put(head.slice(0, 12))
                .flip());
    }

    private static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }

    private void write(long position, ByteBuffer[] parts) throws IOException {
        channel.position(position);
        while (parts[parts.length - 1].hasRemaining() || parts[0].hasRemaining()) {
            channel.write(parts);
        }
    }

    private ByteBuffer fetch(long position, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        readFully(channel, bytes, position);
        if (bytes.hasRemaining()) {
            throw new IOException(path + " ends at " + (position + bytes.position()) + ", inside a record");
        }
        return bytes.flip();
    }

    private static void readFully(FileChannel channel, ByteBuffer into, long position) throws IOException {
        while (into.hasRemaining()) {
            if (channel.read(into, position + into.position()) < 0) {
                return;
            }
        }
    }
}
