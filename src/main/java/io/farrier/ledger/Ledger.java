package io.farrier.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.node.JournalSocket;
import io.farrier.node.NodeFiles;
import io.farrier.plan.FileState;
import io.farrier.plan.Outcome;
import io.farrier.plan.ResourceName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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

    static final int FOLDER_MODE = 0700;
    private static final int FILE_MODE = 0600;

    private final NodeFiles files;
    private final Path folder;
    private final History history;
    private final ShellRestore undo;
    private final ShellRestore originals;

    /** One for each kept file: what bytes say that are still the same need not be worked out again. */
    private final Map<ResourceName, Understood> understood = new ConcurrentHashMap<>();

    private record Understood(FileState record, Ownership ownership) {}

    private volatile @Nullable SettledBytes lastSettled;

    private record SettledBytes(FileState record, Optional<Settled> settled) {}

    public Ledger(NodeFiles files, Path stateDir) {
        this(files, stateDir, JournalSocket.NONE);
    }

    /** @param journal is told every line of the history */
    public Ledger(NodeFiles files, Path stateDir, JournalSocket journal) {
        this.files = files;
        this.folder = stateDir.resolve("ledger");
        this.history = new History(files, folder, journal);
        this.undo = new ShellRestore(files, folder.resolve("undo"));
        this.originals = new ShellRestore(files, stateDir.resolve("originals"));
    }

    public Ownership ownership(ResourceName resource) throws IOException {
        FileState record = files.read(ownedBy(resource), MAX_RECORD_BYTES);
        Understood last = understood.get(resource);
        if (last != null && last.record().equals(record)) {
            return last.ownership();
        }
        Ownership ownership =
                parse(ownedBy(resource), record, Form::ownership).orElseGet(() -> Ownership.none(resource));
        understood.put(resource, new Understood(record, ownership));
        return ownership;
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

    /** Once this returns, {@code undo/RESTORE.sh} can undo the change as well, until it is committed. */
    public void open(OpenChange change) throws IOException {
        if (change.committed().isEmpty()) {
            undo.prepare(change);
        }
        write(openChangeFile(), Form.of(change));
    }

    /** Nothing is under way any more. */
    public void close() throws IOException {
        files.delete(openChangeFile());
        undo.forget();
    }

    /** Brings {@code originals/RESTORE.sh} up to what is owned now. */
    public void keepOriginals() throws IOException {
        List<Ownership> all = new ArrayList<>();
        for (NodeFiles.Entry record : files.list(folder.resolve("owned"))) {
            if (record.kind() == NodeFiles.Kind.FILE && !record.name().startsWith(".")) {
                all.add(ownership(new ResourceName(record.name().replace('+', '/'))));
            }
        }
        originals.keep(all);
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
        return History.line(change, outcomes);
    }

    /** Appends to the history, unless it is its last line already. */
    public void remember(String line) throws IOException {
        history.append(line);
    }

    /** Remembers outcomes for which nothing was written. */
    public void remember(By by, Instant at, List<Outcome> outcomes) throws IOException {
        history.append(History.line(by, at, outcomes));
    }

    /** Whether the history's last word on the resource is this outcome. */
    public boolean remembers(Outcome outcome) throws IOException {
        return history.endsWith(outcome);
    }

    /**
     * Changes and refusals, oldest first: {@code {id, at, by: {who, verb, version, configuration}, outcomes: [{resource,
     * result, done, withheld, reason, at}], files: [{path, before, after}]}}.
     */
    public List<JsonNode> history() throws IOException {
        return history.lines();
    }

    /** How the last round left the node. */
    public Optional<Settled> settled() throws IOException {
        FileState record = files.read(settledFile(), MAX_RECORD_BYTES);
        SettledBytes last = lastSettled;
        if (last != null && last.record().equals(record)) {
            return last.settled();
        }
        Optional<Settled> settled = parse(settledFile(), record, Form::settled);
        lastSettled = new SettledBytes(record, settled);
        return settled;
    }

    /** Writes nothing when that is known already. */
    public void settle(Settled settled) throws IOException {
        if (!settled().equals(Optional.of(settled))) {
            write(settledFile(), Form.of(settled));
        }
    }

    /** Registries whose last proof in the history did not work out. */
    public List<String> unproven() throws IOException {
        return history.unproven();
    }

    private <T> Optional<T> read(Path file, Function<JsonNode, T> form) throws IOException {
        return parse(file, files.read(file, MAX_RECORD_BYTES), form);
    }

    private static <T> Optional<T> parse(Path file, FileState record, Function<JsonNode, T> form) throws IOException {
        if (record.isAbsent()) {
            return Optional.empty();
        }
        JsonNode body = Record.parse(file, record.content());
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

    private Path settledFile() {
        return folder.resolve("settled");
    }

    private Path releasedFile() {
        return folder.resolve("released");
    }
}
