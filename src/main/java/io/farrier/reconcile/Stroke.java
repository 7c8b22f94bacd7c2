package io.farrier.reconcile;

import io.farrier.node.NodeFiles;
import io.farrier.plan.Edit;
import io.farrier.plan.FileState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is written at one stroke: one file; or a client's certificate and its key, {@code X.cert} and {@code X.key} of one
 * folder. Docker, and containerd where there is no hosts.toml, fail every pull while only one of them is there or they do
 * not belong together (SAFETY 47).
 */
record Stroke(List<Edit> edits) {
    private static final String CERTIFICATE = ".cert";
    private static final String KEY = ".key";

    Stroke {
        edits = List.copyOf(edits);
    }

    /** In the same order; the second of a pair comes with the first. */
    static List<Stroke> of(List<Edit> edits) {
        Map<String, List<Edit>> strokes = new LinkedHashMap<>();
        for (int at = 0; at < edits.size(); at++) {
            Edit edit = edits.get(at);
            String stroke = pair(edit).orElse(Integer.toString(at));
            strokes.computeIfAbsent(stroke, first -> new ArrayList<>()).add(edit);
        }
        return strokes.values().stream().map(Stroke::new).toList();
    }

    /** The same for both of a pair. */
    private static Optional<String> pair(Edit edit) {
        String path = edit.path().toString();
        return Stream.of(CERTIFICATE, KEY)
                .filter(path::endsWith)
                .map(end -> edit.phase() + " " + path.substring(0, path.length() - end.length()))
                .findFirst();
    }

    Set<Path> paths() {
        return edits.stream().map(Edit::path).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    Map<Path, FileState> after() {
        Map<Path, FileState> after = new LinkedHashMap<>();
        edits.forEach(edit -> after.put(edit.path(), edit.after()));
        return after;
    }

    String text() {
        return paths().stream().map(Path::toString).collect(Collectors.joining(" and "));
    }

    /** Makes each file what is given for its path. */
    static void write(NodeFiles files, Map<Path, FileState> states) throws IOException {
        if (states.size() < 2) {
            for (Map.Entry<Path, FileState> only : states.entrySet()) {
                files.write(only.getKey(), only.getValue());
            }
            return;
        }
        Map<String, FileState> byName = new LinkedHashMap<>();
        states.keySet().stream()
                .sorted(keyFirst(states))
                .forEach(path -> byName.put(String.valueOf(path.getFileName()), states.get(path)));
        files.writeTogether(states.keySet().iterator().next().resolveSibling(""), byName);
    }

    /** Where it takes two steps: containerd does not mind a key alone. */
    private static Comparator<Path> keyFirst(Map<Path, FileState> states) {
        boolean isRemoval = states.values().stream().allMatch(FileState::isAbsent);
        return isRemoval ? Comparator.naturalOrder() : Comparator.reverseOrder();
    }
}
