package io.farrier.logs.journal;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * {@code position} beside the units' files: {@code <crc32c, 8 hex> <JSON>}. The one before it is kept: from an older
 * position the same entries are read again and found to be there, so a damaged file costs nothing.
 */
final class PositionFile {
    /** A dozen units take a kilobyte; a larger file was not written by us. */
    private static final long MAX_BYTES = 1 << 20;

    private static final int CHECKSUM_CHARS = 8;
    private static final JsonMapper JSON = new JsonMapper();

    private final Path folder;
    private final Path file;
    private final Path previous;
    private final Path fresh;

    PositionFile(Path folder) {
        this.folder = folder;
        this.file = folder.resolve("position");
        this.previous = folder.resolve("position.previous");
        this.fresh = folder.resolve("position.new");
    }

    Optional<Position> read() throws IOException {
        Optional<Position> last = read(file);
        return last.isPresent() ? last : read(previous);
    }

    /** Temp, fsync, rename, fsync of the folder. */
    void write(Position position) throws IOException {
        byte[] json = JSON.writeValueAsBytes(position);
        Files.deleteIfExists(fresh);
        try (FileChannel channel = FileChannel.open(
                fresh,
                Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer bytes = ByteBuffer.wrap((checksum(json) + " " + new String(json, StandardCharsets.UTF_8) + "\n")
                    .getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        if (Files.exists(file)) {
            Files.move(file, previous, StandardCopyOption.ATOMIC_MOVE);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static Optional<Position> read(Path from) throws IOException {
        try {
            if (Files.size(from) > MAX_BYTES) {
                return Optional.empty();
            }
            byte[] bytes = Files.readAllBytes(from);
            if (bytes.length < CHECKSUM_CHARS + 2) {
                return Optional.empty();
            }
            byte[] json = Arrays.copyOfRange(bytes, CHECKSUM_CHARS + 1, bytes.length - 1);
            String sum = new String(bytes, 0, CHECKSUM_CHARS, StandardCharsets.US_ASCII);
            return sum.equals(checksum(json)) ? Optional.of(JSON.readValue(json, Position.class)) : Optional.empty();
        } catch (NoSuchFileException none) {
            return Optional.empty();
        } catch (com.fasterxml.jackson.core.JsonProcessingException ofAnotherVersion) {
            return Optional.empty();
        }
    }

    private static String checksum(byte[] json) {
        CRC32C crc = new CRC32C();
        crc.update(json);
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
