package io.farrier.reconcile;

import io.farrier.ledger.By;
import io.farrier.ledger.Ledger;
import io.farrier.ledger.OpenChange;
import io.farrier.ledger.Ownership;
import io.farrier.node.NodeFiles;
import io.farrier.plan.Change;
import io.farrier.plan.Claim;
import io.farrier.plan.Consequence.Action;
import io.farrier.plan.DaemonName;
import io.farrier.plan.Edit;
import io.farrier.plan.Edit.Phase;
import io.farrier.plan.FilePlan;
import io.farrier.plan.FileState;
import io.farrier.plan.NodePlan;
import io.farrier.plan.Outcome;
import io.farrier.plan.Outcome.Result;
import io.farrier.plan.Reason;
import io.farrier.plan.ResourceName;
import io.farrier.runtime.Daemon;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Carries out a plan as a whole or not at all. The open change is on disk before the first byte of the node changes, so
 * that {@link #recover} can undo or finish what a kill at any instant left. Runs under the node lock.
 */
final class Transaction {
    /** What a file that farrier edits can have at most. */
    private static final int MAX_FILE_BYTES = 4 * 1024 * 1024;

    private final NodeFiles files;
    private final Ledger ledger;
    private final Map<DaemonName, Daemon> daemons;
    private final Clock clock;

    Transaction(NodeFiles files, Ledger ledger, Map<DaemonName, Daemon> daemons, Clock clock) {
        this.files = files;
        this.ledger = ledger;
        this.daemons = Map.copyOf(daemons);
        this.clock = clock;
    }

    /** Plans one resource anew, from the node as it is now. */
    @FunctionalInterface
    interface Again {
        FilePlan plan(ResourceName resource);
    }

    /** The change did not work out and is to be undone. */
    private static final class FailedChange extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Reason reason;

        FailedChange(Reason reason) {
            super(reason.sentence());
            this.reason = reason;
        }
    }

    /**
     * @param again for the gate
     * @param mayRestart whether a change that needs a restart gets it; otherwise it is WAITING
     * @throws StaleEditException before anything is written
     */
    List<Outcome> apply(NodePlan plan, Again again, By by, boolean mayRestart) throws IOException {
        List<FilePlan> active =
                plan.files().stream().filter(Transaction::isActive).toList();
        if (active.isEmpty()) {
            for (Ownership ownership : ownershipAfter(plan)) {
                ledger.own(ownership);
            }
            return outcomes(plan, Result.KEPT, Optional.empty());
        }
        checkNotStale(plan.edits());
        OpenChange change = begin(plan, by);
        Set<DaemonName> answering = answering(plan.actions().keySet());
        try {
            write(change, Set.of(Phase.ADD_TRUST, Phase.DOCUMENT));
            wake(plan.actions(), answering, mayRestart);
            gate(active, again, answering, mayRestart);
            write(change, Set.of(Phase.DROP_TRUST));
            List<Outcome> outcomes = outcomes(plan, mayRestart ? Result.APPLIED : Result.WAITING, Optional.empty());
            OpenChange committed = change.committedWith(Ledger.historyLine(change, outcomes));
            ledger.open(committed);
            finish(committed);
            return outcomes;
        } catch (FailedChange failed) {
            return rollBack(plan, change, failed.reason, answering);
        }
    }

    /** Ends an interrupted change; empty when there was none. */
    List<Outcome> recover() throws IOException {
        Optional<OpenChange> open = ledger.openChange();
        if (open.isEmpty()) {
            return List.of();
        }
        OpenChange change = open.get();
        if (change.committed().isPresent()) {
            finish(change);
            return recovered(change, Result.APPLIED, "it was complete, and is now recorded.");
        }
        Undone undone = undo(change, answering(Set.copyOf(change.daemons())));
        List<Outcome> outcomes = undone.touchedByOthers().isEmpty()
                ? recovered(change, Result.ROLLED_BACK, "the files are as they were before." + undone.complaint())
                : recovered(change, Result.FAILED, others(undone.touchedByOthers()));
        abandon(change, undone.touchedByOthers(), outcomes);
        return outcomes;
    }

    private static boolean isActive(FilePlan file) {
        return file.refusal().isEmpty()
                && !file.isWaiting()
                && !(file.edits().isEmpty() && file.changes().isEmpty());
    }

    private void checkNotStale(List<Edit> edits) throws StaleEditException, IOException {
        Set<Path> seen = new HashSet<>();
        for (Edit edit : edits) {
            if (seen.add(edit.path()) && !now(edit).equals(edit.before())) {
                throw new StaleEditException(edit.path() + " changed while farrier planned");
            }
        }
    }

    private FileState now(Edit edit) throws IOException {
        return files.read(edit.path(), MAX_FILE_BYTES);
    }

    // Forward

    private OpenChange begin(NodePlan plan, By by) throws IOException {
        List<Edit> edits = plan.files().stream()
                .filter(Transaction::isActive)
                .flatMap(file -> file.edits().stream())
                .sorted(Comparator.comparing(Edit::phase))
                .toList();
        OpenChange change = new OpenChange(
                UUID.randomUUID().toString(),
                by,
                clock.instant(),
                edits,
                ownershipAfter(plan),
                foldersToMake(edits),
                List.copyOf(plan.actions().keySet()),
                Optional.empty());
        ledger.open(change);
        return change;
    }

    private List<Ownership> ownershipAfter(NodePlan plan) throws IOException {
        List<Ownership> after = new ArrayList<>();
        for (FilePlan file : plan.files()) {
            if (file.refusal().isEmpty()) {
                after.add(ledger.ownership(file.resource()).after(file.edits(), file.claims()));
            }
        }
        return after;
    }

    private List<Path> foldersToMake(List<Edit> edits) throws IOException {
        Set<Path> folders = new LinkedHashSet<>();
        for (Edit edit : edits) {
            Path parent = edit.path().getParent();
            if (!edit.after().isAbsent() && parent != null) {
                folders.addAll(files.missingFolders(parent));
            }
        }
        return List.copyOf(folders);
    }

    private void write(OpenChange change, Set<Phase> phases) throws FailedChange {
        for (Edit edit : change.edits()) {
            if (phases.contains(edit.phase())) {
                write(edit);
            }
        }
    }

    private void write(Edit edit) throws FailedChange {
        try {
            if (!now(edit).equals(edit.before())) {
                throw new FailedChange(new Reason(
                        "Tried to write " + edit.path(), "somebody else changed it at the same time.", "Try again."));
            }
            files.write(edit.path(), edit.after());
        } catch (IOException refused) {
            throw new FailedChange(new Reason(
                    "Tried to write " + edit.path(), sentence(refused), "Remove what is in the way, then try again."));
        }
    }

    private Set<DaemonName> answering(Set<DaemonName> names) {
        return names.stream()
                .filter(name -> Optional.ofNullable(daemons.get(name))
                        .filter(Daemon::answers)
                        .isPresent())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** A daemon that did not answer before reads the files when it starts. */
    private void wake(Map<DaemonName, Action> actions, Set<DaemonName> answering, boolean mayRestart)
            throws FailedChange {
        for (DaemonName name : answering) {
            boolean restarts = actions.get(name) == Action.RESTART && mayRestart;
            try {
                Daemon daemon = daemon(name);
                if (restarts) {
                    daemon.restart();
                } else {
                    daemon.reload();
                }
            } catch (IOException refused) {
                throw new FailedChange(new Reason(
                        "Tried to " + (restarts ? "restart " : "reload ") + name, sentence(refused), seeLog(name)));
            }
        }
    }

    private Daemon daemon(DaemonName name) {
        return Optional.ofNullable(daemons.get(name)).orElseThrow();
    }

    private static String seeLog(DaemonName name) {
        return "See 'journalctl -u " + name + "'.";
    }

    /** The daemon answers, and planning again leaves nothing but what may go now. */
    private void gate(List<FilePlan> active, Again again, Set<DaemonName> answering, boolean mayRestart)
            throws FailedChange {
        for (DaemonName name : answering) {
            if (!daemon(name).answers()) {
                throw new FailedChange(new Reason(
                        "Tried to ask " + name + " after the change", "it does not answer any more.", seeLog(name)));
            }
        }
        for (FilePlan file : active) {
            FilePlan now = again.plan(file.resource());
            if (now.refusal().isPresent()) {
                throw new FailedChange(now.refusal().get());
            }
            List<Change> left = now.changes().stream()
                    .filter(change -> !isDone(change, mayRestart))
                    .toList();
            if (!left.isEmpty() || now.edits().stream().anyMatch(edit -> edit.phase() != Phase.DROP_TRUST)) {
                throw new FailedChange(new Reason(
                        "Tried to bring " + file.resource() + " into effect",
                        "this is still not so: " + text(left),
                        ""));
            }
        }
    }

    private static boolean isDone(Change change, boolean mayRestart) {
        if (change.waitsForNextStart()) {
            return true;
        }
        return change.consequence()
                .map(needed -> needed.action() == Action.RESTART && !mayRestart)
                .orElse(change.kind() == Change.Kind.REMOVE);
    }

    private static String text(List<Change> changes) {
        return changes.stream()
                .map(change -> change.kind().sign() + " " + change.key() + " "
                        + change.after().or(change::before).orElse(""))
                .collect(Collectors.joining("; "));
    }

    /** After the commit: folders that nothing of ours is in any more, the ledger, the history. Can be done twice. */
    private void finish(OpenChange change) throws IOException {
        for (Ownership after : change.after()) {
            removeGivenUpFolders(after);
            ledger.own(after);
        }
        ledger.keepOriginals();
        ledger.remember(change.committed().orElseThrow());
        ledger.close();
    }

    private void removeGivenUpFolders(Ownership after) throws IOException {
        List<Path> givenUp = ledger.ownership(after.resource()).claims().stream()
                .filter(claim -> claim.kind() == Claim.Kind.FOLDER && !after.owns(claim))
                .map(Claim::path)
                .sorted(Comparator.reverseOrder())
                .toList();
        for (Path folder : givenUp) {
            files.deleteFolderIfEmpty(folder);
        }
    }

    // Backward

    private List<Outcome> rollBack(NodePlan plan, OpenChange change, Reason why, Set<DaemonName> answering)
            throws IOException {
        Undone undone = undo(change, answering);
        Reason reason = new Reason(
                why.tried(), why.saw(), (why.todo() + " farrier put the files back." + undone.complaint()).strip());
        List<Outcome> outcomes = undone.touchedByOthers().isEmpty()
                ? outcomes(plan, Result.ROLLED_BACK, Optional.of(reason))
                : outcomes(
                        plan,
                        Result.FAILED,
                        Optional.of(new Reason(why.tried(), why.saw(), others(undone.touchedByOthers()))));
        abandon(change, undone.touchedByOthers(), outcomes);
        return outcomes;
    }

    private static String others(Set<Path> paths) {
        return "Somebody else changed " + paths + " meanwhile; that was left as it is. Run 'farrier plan'.";
    }

    /** @param complaint what a daemon said against reading the old files again, as a sentence; else empty */
    private record Undone(Set<Path> touchedByOthers, String complaint) {}

    /** Backwards; a file that is neither as before nor as after is somebody else's work and stays. */
    private Undone undo(OpenChange change, Set<DaemonName> answering) throws IOException {
        List<Edit> backwards = new ArrayList<>(change.edits());
        Collections.reverse(backwards);
        Set<Path> touchedByOthers = new TreeSet<>();
        for (Edit edit : backwards) {
            FileState target = answering.isEmpty() ? edit.before() : edit.back().orElse(edit.before());
            if (!stepBack(edit, target)) {
                touchedByOthers.add(edit.path());
            }
        }
        String complaint = reload(answering);
        for (Edit edit : backwards) {
            if (edit.back().isPresent() && now(edit).equals(edit.back().get())) {
                files.write(edit.path(), edit.before());
            }
        }
        touchedByOthers.removeIf(path -> isAsBefore(change, path));
        removeTraces(change);
        return new Undone(touchedByOthers, complaint);
    }

    /** False when the file is in no state that this change brought it into. */
    private boolean stepBack(Edit edit, FileState target) throws IOException {
        FileState now = now(edit);
        if (now.equals(edit.before()) || now.equals(target)) {
            return true;
        }
        if (!now.equals(edit.after()) && !edit.back().equals(Optional.of(now))) {
            return false;
        }
        files.write(edit.path(), target);
        return true;
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

    private String reload(Set<DaemonName> names) {
        List<String> complaints = new ArrayList<>();
        for (DaemonName name : names) {
            try {
                daemon(name).reload();
            } catch (IOException refused) {
                complaints.add(" " + name + " did not confirm that it reads them again: " + sentence(refused));
            }
        }
        return String.join("", complaints);
    }

    /** Closes a change that was undone. What others wrote over may still hold what is ours, so that is remembered. */
    private void abandon(OpenChange change, Set<Path> touchedByOthers, List<Outcome> outcomes) throws IOException {
        for (Ownership after : change.after()) {
            if (after.claims().stream().anyMatch(claim -> touchedByOthers.contains(claim.path()))) {
                ledger.own(after);
            }
        }
        ledger.remember(Ledger.historyLine(change, outcomes));
        ledger.close();
    }

    // Outcomes

    /** @param ofActive {@code WAITING} holds for those that need a restart; the others are applied */
    private List<Outcome> outcomes(NodePlan plan, Result ofActive, Optional<Reason> reason) {
        Map<ResourceName, Outcome> outcomes = new LinkedHashMap<>();
        for (FilePlan file : plan.files()) {
            outcomes.put(file.resource(), outcome(file, ofActive, reason));
        }
        return List.copyOf(outcomes.values());
    }

    private Outcome outcome(FilePlan file, Result ofActive, Optional<Reason> reason) {
        if (file.refusal().isPresent()) {
            return new Outcome(
                    file.resource(), Result.REFUSED, List.of(), file.withheld(), file.refusal(), clock.instant());
        }
        if (!isActive(file)) {
            Result result = file.isWaiting() ? Result.WAITING : Result.KEPT;
            return new Outcome(
                    file.resource(),
                    result,
                    List.of(),
                    file.withheld(),
                    file.isWaiting() ? file.waitsFor() : Optional.empty(),
                    clock.instant());
        }
        Result result = resultOf(file, ofActive);
        boolean done = result == Result.APPLIED || result == Result.WAITING;
        return new Outcome(
                file.resource(),
                result,
                done ? file.changes() : List.of(),
                file.withheld(),
                reason.or(() -> result == Result.WAITING ? file.waitsFor() : Optional.empty()),
                clock.instant());
    }

    private static Result resultOf(FilePlan file, Result ofActive) {
        if (ofActive != Result.APPLIED && ofActive != Result.WAITING) {
            return ofActive;
        }
        boolean isRestarted = ofActive == Result.APPLIED;
        boolean waits = file.changes().stream()
                .anyMatch(change -> change.waitsForNextStart() || (!isRestarted && change.needsRestart()));
        return waits ? Result.WAITING : Result.APPLIED;
    }

    private List<Outcome> recovered(OpenChange change, Result result, String saw) {
        Reason reason = new Reason("Found a change that was interrupted at " + change.at(), saw, "");
        return change.after().stream()
                .map(after -> new Outcome(
                        after.resource(), result, List.of(), List.of(), Optional.of(reason), clock.instant()))
                .toList();
    }

    private static String sentence(IOException failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }
}
