package io.farrier.logs;

import io.farrier.feed.SourceId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The first line of a log file, or its first bytes where the line is longer. Lines are only appended, so it stays while
 * the file does; Docker's and CRI's lines begin with a time of nanoseconds, so no two files share it.
 */
final class FileFingerprint {
    private static final int MAX_BYTES = 1024;

    private final byte[] bytes;

    private FileFingerprint(byte[] bytes) {
        this.bytes = bytes;
    }

    /** @param complete true when nothing more will be written, so that an unfinished first line is all there is */
    static Optional<FileFingerprint> read(FileChannel file, boolean complete) throws IOException {
        byte[] start = start(file, MAX_BYTES);
        int line = lineLength(start);
        if (line > 0) {
            return Optional.of(new FileFingerprint(Arrays.copyOf(start, line)));
        }
        boolean enough = start.length == MAX_BYTES || (complete && start.length > 0);
        return enough ? Optional.of(new FileFingerprint(start)) : Optional.empty();
    }

    /** True while the file still begins as it did. */
    boolean matches(FileChannel file) throws IOException {
        return Arrays.equals(bytes, start(file, bytes.length));
    }

    SourceId sourceId(FileKey key) {
        ByteBuffer where =
                ByteBuffer.allocate(2 * Long.BYTES).putLong(key.device()).putLong(key.inode());
        MessageDigest digest = sha256();
        digest.update(where.flip());
        return new SourceId(HexFormat.of().formatHex(digest.digest(bytes), 0, 16));
    }

    private static byte[] start(FileChannel file, int length) throws IOException {
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
