package io.farrier.ledger;

import io.farrier.node.NodeFiles;
import io.farrier.plan.FileState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * {@code state_dir/format}: a number that rises when an older farrier could misread the state, and the version that wrote it.
 * A farrier that knows less refuses before it touches anything (SAFETY 14); without the file it is the first format.
 */
public final class StateFormat {
    static final int KNOWN = 1;

    private static final int MAX_BYTES = 4096;
    private static final int FILE_MODE = 0600;

    private final NodeFiles files;
    private final Path stateDir;

    public StateFormat(NodeFiles files, Path stateDir) {
        this.files = files;
        this.stateDir = stateDir;
    }

    /** @throws IOException with a sentence when a newer farrier wrote it in a way that this one does not know */
    public void check() throws IOException {
        String[] words = words();
        int format = words[0].matches("[0-9]{1,6}") ? Integer.parseInt(words[0]) : KNOWN;
        if (format > KNOWN) {
            String by = words.length > 1 ? "farrier " + words[1] : "a newer farrier";
            throw new IOException("Tried to use " + stateDir + ", but " + by + " wrote it in format " + format
                    + " and this version knows " + KNOWN
                    + ". Nothing was touched. Install that version again, or, to start"
                    + " anew without what it remembers, move the folder away.");
        }
    }

    /** From now on it is this version's; writes nothing when it is already. */
    public void claim(String version) throws IOException {
        String text = KNOWN + " " + version + "\n";
        if (!text.strip().equals(String.join(" ", words()))) {
            files.replace(path(), FileState.of(text.getBytes(StandardCharsets.UTF_8), FILE_MODE));
        }
    }

    private String[] words() throws IOException {
        return new String(files.read(path(), MAX_BYTES).content(), StandardCharsets.UTF_8)
                .strip()
                .split("\\s+");
    }

    private Path path() {
        return stateDir.resolve("format");
    }
}
