package io.farrier.logs.journal;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.farrier.node.CheckedLine;
import io.farrier.node.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * {@code position} beside the units' files: {@code <crc32c, 8 hex> <JSON>}. The one before it is kept: from an older
 * position the same entries are read again and found to be there, so a damaged file costs nothing.
 */
final class PositionFile {
    /** A dozen units take a kilobyte; a larger file was not written by us. */
    private static final long MAX_BYTES = 1 << 20;

    private static final JsonMapper JSON = new JsonMapper();

    private final Path file;
    private final Path previous;

    PositionFile(Path folder) {
        this.file = folder.resolve("position");
        this.previous = folder.resolve("position.previous");
    }

    Optional<Position> read() throws IOException {
        Optional<Position> last = read(file);
        return last.isPresent() ? last : read(previous);
    }

    void write(Position position) throws IOException {
        Path draft = WholeFile.draft(file, CheckedLine.of(JSON.writeValueAsBytes(position)));
        if (Files.exists(file)) {
            Files.move(file, previous, StandardCopyOption.ATOMIC_MOVE);
        }
        WholeFile.put(draft, file);
    }

    private static Optional<Position> read(Path from) throws IOException {
        try {
            if (Files.size(from) > MAX_BYTES) {
                return Optional.empty();
            }
            return CheckedLine.content(Files.readAllBytes(from)).flatMap(PositionFile::parsed);
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
    }

    private static Optional<Position> parsed(byte[] json) {
        try {
            return Optional.of(JSON.readValue(json, Position.class));
        } catch (IOException ofAnotherVersion) {
            return Optional.empty();
        }
    }
}
