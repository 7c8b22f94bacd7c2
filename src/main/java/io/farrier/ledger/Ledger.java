package io.farrier.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.node.NodeFiles;
import io.farrier.plan.FileState;
import io.farrier.plan.Outcome;
import io.farrier.plan.ResourceName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What farrier knows of its own doings on a node, below {@code state_dir/ledger}: what is its own, the originals, the open
 * change, whether the node was given back, and the history. Every record is replaced as a whole and checksummed; a broken
 * one is a {@link CorruptLedgerException} and costs only itself. Readable by root only: originals hold passwords.
 *
 * <p>Written under the node lock, and read anew each time.
 */
public final class Ledger {
    /** An open change holds files before and after in base64: room for a dozen of the largest documents. */
    private static final int MAX_RECORD_BYTES = 64 * 1024 * 1024;

    /** Years of changes; then the older half goes. */
    private static final int MAX_HISTORY_BYTES = 1024 * 1024;

    private static final int FOLDER_MODE = 0700;
    private static final int FILE_MODE = 0600;

    private final NodeFiles files;
    private final Path folder;

    public Ledger(NodeFiles files, Path stateDir) {
        this.files = files;
        this.folder = stateDir.resolve("ledger");
    }

    public Ownership ownership(ResourceName resource) throws IOException {
        return read(ownedBy(resource), Form::ownership).orElseGet(() -> Ownership.none(resource));
    }

    /** Remembers it; forgets the resource when nothing is owned; writes nothing when that is known already. */
    public void own(Ownership ownership) throws IOException {
        if (ownership.equals(ownership(ownership.resource()))) {
            return;
        }
        Path record = ownedBy(ownership.resource());
        if (ownership.isNone()) {
            files.delete(record);
            return;
        }
        write(record, Form.of(ownership));
    }

    /** The change that was begun and not ended. */
    public Optional<OpenChange> openChange() throws IOException {
        return read(openChangeFile(), Form::openChange);
    }

    public void open(OpenChange change) throws IOException {
        write(openChangeFile(), Form.of(change));
    }

    /** Nothing is under way any more. */
    public void close() throws IOException {
        files.delete(openChangeFile());
    }

    public Optional<Released> released() throws IOException {
        return read(releasedFile(), Form::released);
    }

    public void release(Released released) throws IOException {
        write(releasedFile(), Form.of(released));
    }

    /** The node is farrier's again. */
    public void take() throws IOException {
        files.delete(releasedFile());
    }

    /** What {@link #remember} will append. */
    public static String historyLine(OpenChange change, List<Outcome> outcomes) {
        return Record.text(Form.history(change, outcomes));
    }

    /** Appends to the history, unless it is its last line already. */
    public void remember(String line) throws IOException {
        byte[] history = files.read(historyFile(), MAX_RECORD_BYTES).content();
        String text = new String(history, StandardCharsets.UTF_8);
        if (text.endsWith(line + "\n")) {
            return;
        }
        if (history.length > MAX_HISTORY_BYTES) {
            int half = text.indexOf('\n', text.length() / 2) + 1;
            byte[] newer = text.substring(half).getBytes(StandardCharsets.UTF_8);
            replace(historyFile(), newer);
        }
        String cutLine = text.isEmpty() || text.endsWith("\n") ? "" : "\n";
        files.makeFolders(folder, FOLDER_MODE);
        files.append(historyFile(), (cutLine + line + "\n").getBytes(StandardCharsets.UTF_8), FILE_MODE);
    }

    /** One JSON object a change, oldest first. */
    public List<String> history() throws IOException {
        String text = new String(files.read(historyFile(), MAX_RECORD_BYTES).content(), StandardCharsets.UTF_8);
        return Arrays.stream(text.split("\n"))
                .filter(line -> line.endsWith("}"))
                .toList();
    }

    private <T> Optional<T> read(Path file, Function<JsonNode, T> form) throws IOException {
        FileState state = files.read(file, MAX_RECORD_BYTES);
        if (state.isAbsent()) {
            return Optional.empty();
        }
        JsonNode body = Record.parse(file, state.content());
        try {
            return Optional.of(form.apply(body));
        } catch (IllegalArgumentException | java.time.DateTimeException anotherVersion) {
            throw new CorruptLedgerException(file, "it was written by another version of farrier");
        }
    }

    private void write(Path file, JsonNode body) throws IOException {
        replace(file, Record.bytes(body));
    }

    private void replace(Path file, byte[] bytes) throws IOException {
        files.makeFolders(folder, FOLDER_MODE);
        files.makeFolders(folder.resolve("owned"), FOLDER_MODE);
        files.replace(file, FileState.of(bytes, FILE_MODE));
    }

    private Path ownedBy(ResourceName resource) {
        return folder.resolve("owned").resolve(resource.value().replace('/', '+'));
    }

    private Path openChangeFile() {
        return folder.resolve("open-change");
    }

    private Path releasedFile() {
        return folder.resolve("released");
    }

    private Path historyFile() {
        return folder.resolve("history.jsonl");
    }
}
