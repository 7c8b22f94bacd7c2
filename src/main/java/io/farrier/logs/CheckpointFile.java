package io.farrier.logs;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.feed.SourceId;
import io.farrier.node.CheckedLine;
import io.farrier.node.WholeFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * {@code cursors} in state_dir: one line for each source, {@code <crc32c, 8 hex> <JSON>}. A line that does not check is
 * left out: its source is read again from the start, and the store ignores what it has.
 */
public final class CheckpointFile {
    /** A node's files of a busy day; a larger file was not written by us. */
    private static final long MAX_BYTES = 64 << 20;

    /** Loaded when there is something to read or write, not when an agent starts. */
    private static final class Json {
        private static final JsonMapper MAPPER = new JsonMapper();
    }

    /** @param damage what of the file did not check, as a clause that names it */
    public record Content(List<Checkpoint.Entry> entries, Optional<String> damage) {
        public Content {
            entries = List.copyOf(entries);
        }
    }

    private final Path file;

    public CheckpointFile(Path stateDir) {
        this.file = stateDir.resolve("cursors");
    }

    /** What was written last, as far as it checks, and whether that is all. */
    public Content content() throws IOException {
        byte[] bytes;
        try {
            if (Files.size(file) > MAX_BYTES) {
                return new Content(List.of(), Optional.of(file + ", which is larger than " + MAX_BYTES + " bytes"));
            }
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException firstStart) {
            return new Content(List.of(), Optional.empty());
        }
        List<Checkpoint.Entry> entries = new ArrayList<>();
        int start = 0;
        int lines = 0;
        for (int at = 0; at < bytes.length; at++) {
            if (bytes[at] == '\n') {
                entry(Arrays.copyOfRange(bytes, start, at)).ifPresent(entries::add);
                start = at + 1;
                lines++;
            }
        }
        // It is replaced as a whole: a last line without its end was not written so.
        int bad = lines - entries.size() + (start < bytes.length ? 1 : 0);
        return new Content(entries, damage(bad));
    }

    private Optional<String> damage(int lines) {
        return lines == 0
                ? Optional.empty()
                : Optional.of(lines + " line(s) of " + file + ", whose log files are read again from their beginning");
    }

    public void write(Checkpoint checkpoint) throws IOException {
        Path draft = WholeFile.draft(file, bytes(checkpoint));
        if (checkpoint.mustLast()) {
            WholeFile.put(draft, file);
        } else {
            WholeFile.putUnforced(draft, file);
        }
    }

    private static byte[] bytes(Checkpoint checkpoint) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Checkpoint.Entry entry : checkpoint.entries()) {
            bytes.writeBytes(CheckedLine.of(Json.MAPPER.writeValueAsBytes(entry)));
            bytes.write('\n');
        }
        return bytes.toByteArray();
    }

    private static Optional<Checkpoint.Entry> entry(byte[] line) {
        return CheckedLine.content(line).flatMap(CheckpointFile::parsed).filter(CheckpointFile::hasGoodId);
    }

    private static Optional<Checkpoint.Entry> parsed(byte[] json) {
        try {
            ObjectNode entry = upgraded(Json.MAPPER.readValue(json, ObjectNode.class));
            return Optional.of(Json.MAPPER.treeToValue(entry, Checkpoint.Entry.class));
        } catch (IOException ofAnotherVersion) {
            return Optional.empty();
        }
    }

    /** Before losses of unknown size were acknowledged an entry held one at most, until it was told. */
    private static ObjectNode upgraded(ObjectNode entry) {
        if (entry.has("unknownLosses")) {
            return entry;
        }
        ObjectNode losses = entry.putObject("unknownLosses");
        if (entry.path("mayHaveLostMore").asBoolean()) {
            losses.put(entry.path("size").asText(), entry.path("unknownLoss").asText(Delivery.DECLARED_BEFORE));
        }
        return entry.remove(List.of("mayHaveLostMore", "unknownLoss"));
    }

    private static boolean hasGoodId(Checkpoint.Entry entry) {
        try {
            return new SourceId(entry.id()).value().equals(entry.id());
        } catch (IllegalArgumentException bad) {
            return false;
        }
    }
}
