package io.farrier.logs;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.farrier.feed.SourceId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * {@code cursors} in state_dir: one line for each source, {@code <crc32c, 8 hex> <JSON>}. A line that does not check is
 * left out: its source is read again from the start, and the store ignores what it has.
 */
public final class CheckpointFile {
    /** A node's files of a busy day; a larger file was not written by us. */
    private static final long MAX_BYTES = 64 << 20;

    private static final int CHECKSUM_CHARS = 8;
    private static final JsonMapper JSON = new JsonMapper();

    private final Path file;

    public CheckpointFile(Path stateDir) {
        this.file = stateDir.resolve("cursors");
    }

    /** What was written last, as far as it checks. */
    public List<Checkpoint.Entry> read() throws IOException {
        byte[] bytes;
        try {
            if (Files.size(file) > MAX_BYTES) {
                return List.of();
            }
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException firstStart) {
            return List.of();
        }
        List<Checkpoint.Entry> entries = new ArrayList<>();
        int start = 0;
        for (int at = 0; at < bytes.length; at++) {
            if (bytes[at] == '\n') {
                entry(Arrays.copyOfRange(bytes, start, at)).ifPresent(entries::add);
                start = at + 1;
            }
        }
        return entries;
    }

    /** Replaces the file: temp, fsync, rename, fsync of the folder. */
    public void write(Checkpoint checkpoint) throws IOException {
        Path fresh = file.resolveSibling("cursors.new");
        Files.deleteIfExists(fresh);
        try (FileChannel channel = FileChannel.open(
                fresh,
                Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer bytes = ByteBuffer.wrap(bytes(checkpoint));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    private static byte[] bytes(Checkpoint checkpoint) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Checkpoint.Entry entry : checkpoint.entries()) {
            byte[] json = JSON.writeValueAsBytes(entry);
            bytes.writeBytes(checksum(json));
            bytes.write(' ');
            bytes.writeBytes(json);
            bytes.write('\n');
        }
        return bytes.toByteArray();
    }

    private static Optional<Checkpoint.Entry> entry(byte[] line) {
        if (line.length < CHECKSUM_CHARS + 2) {
            return Optional.empty();
        }
        byte[] json = Arrays.copyOfRange(line, CHECKSUM_CHARS + 1, line.length);
        if (!Arrays.equals(checksum(json), Arrays.copyOf(line, CHECKSUM_CHARS))) {
            return Optional.empty();
        }
        try {
            Checkpoint.Entry entry = JSON.readValue(json, Checkpoint.Entry.class);
            return Optional.of(entry).filter(CheckpointFile::hasGoodId);
        } catch (IOException ofAnotherVersion) {
            return Optional.empty();
        }
    }

    private static boolean hasGoodId(Checkpoint.Entry entry) {
        try {
            return new SourceId(entry.id()).value().equals(entry.id());
        } catch (IllegalArgumentException bad) {
            return false;
        }
    }

    private static byte[] checksum(byte[] json) {
        CRC32C crc = new CRC32C();
        crc.update(json);
        return HexFormat.of().toHexDigits((int) crc.getValue()).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }
}
