package io.farrier.logs;

import io.farrier.feed.SourceId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The first line of a log file, or its first bytes where the line is longer. Lines are only appended, so it stays while
 * the file does; Docker's and CRI's lines hold a time of nanoseconds, so no two files share it.
 */
final class FileFingerprint {
    /** Docker writes the time behind the text, which is 16 KiB at most and longer once it is escaped. */
    static final int MAX_BYTES = 32 << 10;

    private static final int USUAL_BYTES = 1024;

    /** A first line without it may begin many files: those are told apart by their inodes alone. */
    private static final Pattern TIME = Pattern.compile("[0-9]{2}:[0-9]{2}:[0-9]{2}|[0-9]{10}");

    private final byte[] bytes;
    private final boolean isUnique;

    private FileFingerprint(byte[] bytes) {
        this.bytes = bytes;
        this.isUnique =
                TIME.matcher(new String(bytes, StandardCharsets.ISO_8859_1)).find();
    }

    /** @param complete true when nothing more will be written, so that an unfinished first line is all there is */
    static Optional<FileFingerprint> read(LogBytes file, boolean complete) throws IOException {
        byte[] start = start(file, USUAL_BYTES);
        if (start.length == USUAL_BYTES && lineLength(start) == 0) {
            start = start(file, MAX_BYTES);
        }
        int line = lineLength(start);
        if (line > 0) {
            return Optional.of(new FileFingerprint(Arrays.copyOf(start, line)));
        }
        boolean enough = start.length == MAX_BYTES || (complete && start.length > 0);
        return enough ? Optional.of(new FileFingerprint(start)) : Optional.empty();
    }

    /** True when this is how that file began. */
    boolean isExactly(Checkpoint.Entry entry, FileKey key) {
        return sourceId(key).value().equals(entry.id());
    }

    /** True when it held the same lines, whatever file they are in now: they were compressed, or copied. */
    boolean isOf(Checkpoint.Entry entry) {
        return isUnique && isExactly(entry, entry.key());
    }

    boolean isSameAs(FileFingerprint other) {
        return isUnique && Arrays.equals(bytes, other.bytes);
    }

    /** True while the file still begins as it did. */
    boolean matches(LogBytes file) throws IOException {
        return Arrays.equals(bytes, start(file, bytes.length));
    }

    SourceId sourceId(FileKey key) {
        ByteBuffer where =
                ByteBuffer.allocate(2 * Long.BYTES).putLong(key.device()).putLong(key.inode());
        MessageDigest digest = sha256();
        digest.update(where.flip());
        return new SourceId(HexFormat.of().formatHex(digest.digest(bytes), 0, 16));
    }

    private static byte[] start(LogBytes file, int length) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(length);
        while (start.hasRemaining() && file.read(start, start.position()) > 0) {
            // Until it is full or the file ends.
        }
        return Arrays.copyOf(start.array(), start.position());
    }

    private static int lineLength(byte[] start) {
        for (int i = 0; i < start.length; i++) {
            if (start[i] == '\n') {
                return i + 1;
            }
        }
        return 0;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
