package io.farrier.ledger;

import io.farrier.node.NodeFiles;
import io.farrier.plan.Claim;
import io.farrier.plan.Edit;
import io.farrier.plan.FileState;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a shell needs to put files back when there is no farrier, or no time for one: a folder with {@code RESTORE.sh}, a
 * {@code MANIFEST} for it, and the contents, each under its SHA-256. The script does what {@code Transaction} would.
 */
final class ShellRestore {
    private static final int FOLDER_MODE = 0700;
    private static final int FILE_MODE = 0600;
    private static final int MAX_BYTES = 4 * 1024 * 1024;
    private static final String SCRIPT_NAME = "RESTORE.sh";
    private static final String MANIFEST_NAME = "MANIFEST";
    private static final byte[] SCRIPT = script();

    private final NodeFiles files;
    private final Path folder;

    ShellRestore(NodeFiles files, Path folder) {
        this.files = files;
        this.folder = folder;
    }

    /** How to undo the change, backwards. The script heeds it as long as this is the open change. */
    void prepare(OpenChange change) throws IOException {
        List<String> lines = new ArrayList<>(List.of("farrier-restore 1 change " + change.id()));
        Map<String, FileState> contents = new TreeMap<>();
        List<Edit> firsts = firstOfEachPath(change.edits());
        Collections.reverse(firsts);
        for (Edit first : firsts) {
            lines.add(
                    "file " + state(first.before()) + " " + statesOnTheWay(first.path(), change) + " " + first.path());
            contents.put(hex(first.before().fingerprint()), first.before());
        }
        List<Path> folders = new ArrayList<>(change.folders());
        Collections.reverse(folders);
        folders.forEach(made -> lines.add("folder - - " + made));
        write(lines, contents);
    }

    private static List<Edit> firstOfEachPath(List<Edit> edits) {
        Map<Path, Edit> firsts = new LinkedHashMap<>();
        edits.forEach(edit -> firsts.putIfAbsent(edit.path(), edit));
        return new ArrayList<>(firsts.values());
    }

    /** All that the change may have made of the file; of several edits each may be the last that happened. */
    private static String statesOnTheWay(Path path, OpenChange change) {
        return change.edits().stream()
                .filter(edit -> edit.path().equals(path))
                .flatMap(edit -> Stream.concat(Stream.of(edit.after()), edit.back().stream()))
                .map(ShellRestore::state)
                .distinct()
                .collect(Collectors.joining(","));
    }

    /** How to give back everything. */
    void keep(List<Ownership> all) throws IOException {
        List<String> lines = new ArrayList<>(List.of("farrier-restore 1 originals -"));
        Map<String, FileState> contents = new TreeMap<>();
        for (Ownership ours : all) {
            ours.files()
                    .forEach((path, touched) -> touched.original().ifPresent(original -> {
                        String written = touched.written().equals("absent") ? "absent" : "*:" + hex(touched.written());
                        lines.add("file " + state(original) + " " + written + " " + path);
                        contents.put(hex(original.fingerprint()), original);
                    }));
        }
        for (Ownership ours : all) {
            ours.claims().stream()
                    .filter(claim -> claim.kind() == Claim.Kind.FOLDER)
                    .map(Claim::path)
                    .sorted(Collections.reverseOrder())
                    .forEach(made -> lines.add("folder - - " + made));
        }
        if (lines.size() == 1) {
            forget();
            return;
        }
        write(lines, contents);
    }

    /** There is nothing to put back, and old contents may hold passwords. The manifest goes first: it needs the others. */
    void forget() throws IOException {
        files.delete(folder.resolve(MANIFEST_NAME));
        removeContents(Set.of());
    }

    private void write(List<String> lines, Map<String, FileState> contents) throws IOException {
        String text = String.join("\n", lines) + "\n";
        byte[] manifest = (text + "sum "
                        + hex(file(text.getBytes(StandardCharsets.UTF_8)).fingerprint()) + "\n")
                .getBytes(StandardCharsets.UTF_8);
        Path parent = folder.getParent();
        if (parent != null) {
            // It may be the first to make the ledger's folder, which is as private as it is.
            files.makeFolders(parent, FOLDER_MODE);
        }
        files.makeFolders(folder, FOLDER_MODE);
        for (Map.Entry<String, FileState> content : contents.entrySet()) {
            if (!content.getValue().isAbsent()) {
                put(content.getKey(), content.getValue().content());
            }
        }
        put(SCRIPT_NAME, SCRIPT);
        put(MANIFEST_NAME, manifest);
        removeContents(contents.keySet());
    }

    private void put(String name, byte[] bytes) throws IOException {
        Path path = folder.resolve(name);
        if (!files.read(path, MAX_BYTES).equals(file(bytes))) {
            files.replace(path, file(bytes));
        }
    }

    private void removeContents(Set<String> needed) throws IOException {
        Set<String> stay = new HashSet<>(needed);
        stay.addAll(List.of(SCRIPT_NAME, MANIFEST_NAME));
        for (NodeFiles.Entry entry : files.list(folder)) {
            if (!stay.contains(entry.name())) {
                files.delete(folder.resolve(entry.name()));
            }
        }
    }

    private static FileState file(byte[] bytes) {
        return FileState.of(bytes, FILE_MODE);
    }

    /** As the script's {@code state_of} prints it. */
    private static String state(FileState state) {
        return state.isAbsent()
                ? "absent"
                : String.format(Locale.ROOT, "%o:%s", state.mode(), hex(state.fingerprint()));
    }

    private static String hex(String fingerprint) {
        return fingerprint.substring(fingerprint.indexOf(':') + 1);
    }

    private static byte[] script() {
        try (InputStream in = Objects.requireNonNull(ShellRestore.class.getResourceAsStream(SCRIPT_NAME))) {
            return in.readAllBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
