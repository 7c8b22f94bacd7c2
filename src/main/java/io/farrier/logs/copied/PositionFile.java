package io.farrier.logs.copied;

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
 * {@code position} beside the files: {@code <crc32c, 8 hex> <JSON>}. The one before it is kept: from an older position the
 * same lines are read again and found to be there, so a damaged file costs nothing.
 *
 * @param <P> a record that says how far the origin was read, and how far each file is known to be on disk
 */
public final class PositionFile<P> {
    /** A container or unit takes less than a kilobyte; a larger file was not written by us. */
    private static final long MAX_BYTES = 1 << 20;

    private static final JsonMapper JSON = new JsonMapper();

    private final Class<P> type;
    private final Path file;
    private final Path previous;

    public PositionFile(Path folder, Class<P> type) {
        this.type = type;
        this.file = folder.resolve("position");
        this.previous = folder.resolve("position.previous");
    }

    public Optional<P> read() throws IOException {
        Optional<P> last = read(file);
        return last.isPresent() ? last : read(previous);
    }

    public void write(P position) throws IOException {
        Path draft = WholeFile.draft(file, CheckedLine.of(JSON.writeValueAsBytes(position)));
        if (Files.exists(file)) {
            Files.move(file, previous, StandardCopyOption.ATOMIC_MOVE);
        }
        // What a newer position gives away, a file that the collector has, goes on the same disk and behind this.
        WholeFile.putUnforced(draft, file);
    }

    private Optional<P> read(Path from) throws IOException {
        try {
            if (Files.size(from) > MAX_BYTES) {
                return Optional.empty();
            }
            return CheckedLine.content(Files.readAllBytes(from)).flatMap(this::parsed);
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
    }

    private Optional<P> parsed(byte[] json) {
        try {
            return Optional.of(JSON.readValue(json, type));
        } catch (IOException ofAnotherVersion) {
            return Optional.empty();
        }
    }
}
