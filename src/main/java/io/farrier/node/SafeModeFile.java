package io.farrier.node;

import io.farrier.plan.FileState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * {@code state_dir/safe-mode}: while it is there, the agent observes, whatever the mode (SAFETY 13); an order by hand is
 * carried out all the same. {@code farrier resume} ends it, or whoever removes the file. First line since when, second why.
 */
public final class SafeModeFile {
    private static final int MAX_BYTES = 64 * 1024;
    private static final int MAX_SHOWN = 400;
    private static final int FILE_MODE = 0600;

    private final NodeFiles files;
    private final Path path;

    public SafeModeFile(NodeFiles files, Path stateDir) {
        this.files = files;
        this.path = stateDir.resolve("safe-mode");
    }

    /** What is there and cannot be understood counts all the same. */
    public Optional<SafeMode> current() throws IOException {
        if (!files.exists(path)) {
            return Optional.empty();
        }
        String text = new String(files.read(path, MAX_BYTES).content(), StandardCharsets.UTF_8);
        String[] lines = text.split("\n", 2);
        return Optional.of(new SafeMode(since(lines[0]), lines.length < 2 ? "" : shown(lines[1])));
    }

    /** Keeps to the first reason. */
    public void enter(SafeMode mode) throws IOException {
        if (!files.exists(path)) {
            String text = mode.since() + "\n" + shown(mode.because()) + "\n";
            files.replace(path, FileState.of(text.getBytes(StandardCharsets.UTF_8), FILE_MODE));
        }
    }

    /** What was ended; empty when there was nothing to end. */
    public Optional<SafeMode> leave() throws IOException {
        Optional<SafeMode> mode = current();
        files.delete(path);
        return mode;
    }

    private static Instant since(String text) {
        try {
            return Instant.parse(text.strip());
        } catch (DateTimeParseException madeByHand) {
            return Instant.EPOCH;
        }
    }

    private static String shown(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.substring(0, Math.min(line.length(), MAX_SHOWN));
    }
}
