package io.farrier.reconcile;

import io.farrier.ledger.OpenChange;
import io.farrier.node.NodeFiles;
import io.farrier.plan.DaemonName;
import io.farrier.plan.Edit;
import io.farrier.plan.FileState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Undoes a change, however far it came: backwards, and nobody else's work with it. */
final class WayBack {
    private final NodeFiles files;
    private final Readers readers;

    WayBack(NodeFiles files, Readers readers) {
        this.files = files;
        this.readers = readers;
    }

    /** @param complaint what a daemon said against reading the old files again, as a sentence; else empty */
    record Undone(Set<Path> touchedByOthers, String complaint) {}

    /** @param answering the daemons that may have read what is undone */
    Undone undo(OpenChange change, Set<DaemonName> answering) throws IOException {
        List<Stroke> backwards = new ArrayList<>(Stroke.of(change.edits()));
        Collections.reverse(backwards);
        Set<Path> touchedByOthers = new TreeSet<>();
        for (Stroke stroke : backwards) {
            touchedByOthers.addAll(stepBack(stroke, answering.isEmpty()));
        }
        String complaint = readers.reload(answering);
        for (Stroke stroke : backwards) {
            leaveWhatWasForTheReload(stroke);
        }
        touchedByOthers.removeIf(path -> isAsBefore(change, path));
        removeTraces(change);
        return new Undone(touchedByOthers, complaint);
    }

    /** @return what stays because some of it is in no state that this change brought it into: it is somebody else's work */
    private Set<Path> stepBack(Stroke stroke, boolean nobodyReads) throws IOException {
        Map<Path, FileState> targets = new LinkedHashMap<>();
        for (Edit edit : stroke.edits()) {
            FileState target = nobodyReads ? edit.before() : edit.back().orElse(edit.before());
            FileState now = now(edit);
            if (now.equals(edit.before()) || now.equals(target)) {
                continue;
            }
            if (!now.equals(edit.after()) && !edit.back().equals(Optional.of(now))) {
                return stroke.paths();
            }
            targets.put(edit.path(), target);
        }
        Stroke.write(files, targets);
        return Set.of();
    }

    private void leaveWhatWasForTheReload(Stroke stroke) throws IOException {
        for (Edit edit : stroke.edits()) {
            if (edit.back().isPresent() && now(edit).equals(edit.back().get())) {
                files.write(edit.path(), edit.before());
            }
        }
    }

    private FileState now(Edit edit) throws IOException {
        return files.read(edit.path(), Transaction.MAX_FILE_BYTES);
    }

    /** A path with two edits is compared with both; one match is enough. */
    private boolean isAsBefore(OpenChange change, Path path) {
        return change.edits().stream()
                .filter(edit -> edit.path().equals(path))
                .findFirst()
                .filter(first -> isNow(first, first.before()))
                .isPresent();
    }

    private boolean isNow(Edit edit, FileState state) {
        try {
            return now(edit).equals(state);
        } catch (IOException unreadable) {
            return false;
        }
    }

    private void removeTraces(OpenChange change) throws IOException {
        for (Edit edit : change.edits()) {
            Path parent = edit.path().getParent();
            if (parent != null) {
                files.removeLeftovers(parent);
            }
        }
        List<Path> deepestFirst = new ArrayList<>(change.folders());
        deepestFirst.sort(Comparator.reverseOrder());
        for (Path folder : deepestFirst) {
            files.deleteFolderIfEmpty(folder);
        }
    }
}
