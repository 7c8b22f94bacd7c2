package io.farrier.reconcile;

import io.farrier.ledger.By;
import io.farrier.ledger.Ledger;
import io.farrier.ledger.OpenChange;
import io.farrier.ledger.Ownership;
import io.farrier.node.NodeFiles;
import io.farrier.plan.Claim;
import io.farrier.plan.DaemonName;
import io.farrier.plan.Edit;
import io.farrier.plan.Edit.Phase;
import io.farrier.plan.FilePlan;
import io.farrier.plan.FileState;
import io.farrier.plan.NodePlan;
import io.farrier.plan.Outcome;
import io.farrier.plan.Outcome.Result;
import io.farrier.plan.Reason;
import io.farrier.runtime.Daemon;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Carries out a plan as a whole or not at all. The open change is on disk before the first byte of the node changes, so
 * that {@link #recover} can undo or finish what a kill at any instant left. Runs under the node lock.
 */
final class Transaction {
    /** What a file that farrier edits can have at most. */
    static final int MAX_FILE_BYTES = 4 * 1024 * 1024;

    private final NodeFiles files;
    private final Ledger ledger;
    private final Readers readers;
    private final WayBack wayBack;
    private final Outcomes outcomes;
    private final Clock clock;

    Transaction(NodeFiles files, Ledger ledger, Map<DaemonName, Daemon> daemons, Clock clock) {
        this.files = files;
        this.ledger = ledger;
        this.readers = new Readers(daemons);
        this.wayBack = new WayBack(files, readers);
        this.outcomes = new Outcomes(clock);
        this.clock = clock;
    }

    /**
     * @param again for the gate
     * @param mayRestart whether a change that needs a restart gets it; otherwise it is WAITING
     * @throws StaleEditException before anything is written
     */
    List<Outcome> apply(NodePlan plan, Gate.Again again, By by, boolean mayRestart) throws IOException {
        List<FilePlan> active =
                plan.files().stream().filter(Transaction::isActive).toList();
        if (active.isEmpty()) {
            for (Ownership ownership : ownershipAfter(plan)) {
                ledger.own(ownership);
            }
            return outcomes.of(plan, Result.KEPT, Optional.empty());
        }
        checkNotStale(plan.edits());
        OpenChange change = begin(plan, by);
        Set<DaemonName> answering = readers.answering(plan.actions().keySet());
        try {
            write(change, Set.of(Phase.ADD_TRUST, Phase.DOCUMENT));
            readers.wake(plan.actions(), answering, mayRestart);
            readers.checkThatTheyStillAnswer(answering);
            new Gate(mayRestart).pass(active, again);
            write(change, Set.of(Phase.DROP_TRUST));
            List<Outcome> done = outcomes.of(plan, mayRestart ? Result.APPLIED : Result.WAITING, Optional.empty());
            OpenChange committed = change.committedWith(Ledger.historyLine(change, done));
            ledger.open(committed);
            finish(committed);
            return done;
        } catch (FailedChange failed) {
            return rollBack(plan, change, failed.reason(), answering);
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
            return outcomes.recovered(change, Result.APPLIED, "it was complete, and is now recorded.");
        }
        WayBack.Undone undone = wayBack.undo(change, readers.answering(Set.copyOf(change.daemons())));
        List<Outcome> said = undone.touchedByOthers().isEmpty()
                ? outcomes.recovered(
                        change, Result.ROLLED_BACK, "the files are as they were before." + undone.complaint())
                : outcomes.recovered(change, Result.FAILED, others(undone.touchedByOthers()));
        abandon(change, undone.touchedByOthers(), said);
        return said;
    }

    static boolean isActive(FilePlan file) {
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
        List<Edit> edits = change.edits().stream()
                .filter(edit -> phases.contains(edit.phase()))
                .toList();
        for (Stroke stroke : Stroke.of(edits)) {
            write(stroke);
        }
    }

    private void write(Stroke stroke) throws FailedChange {
        String tried = "Tried to write " + stroke.text();
        try {
            for (Edit edit : stroke.edits()) {
                if (!now(edit).equals(edit.before())) {
                    throw new FailedChange(
                            new Reason(tried, "somebody else changed it at the same time.", "Try again."));
                }
            }
            Stroke.write(files, stroke.after());
        } catch (IOException refused) {
            throw new FailedChange(tried, refused, "Remove what is in the way, then try again.");
        }
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
        WayBack.Undone undone = wayBack.undo(change, answering);
        Reason reason = new Reason(
                why.tried(), why.saw(), (why.todo() + " farrier put the files back." + undone.complaint()).strip());
        List<Outcome> said = undone.touchedByOthers().isEmpty()
                ? outcomes.of(plan, Result.ROLLED_BACK, Optional.of(reason))
                : outcomes.of(
                        plan,
                        Result.FAILED,
                        Optional.of(new Reason(why.tried(), why.saw(), others(undone.touchedByOthers()))));
        abandon(change, undone.touchedByOthers(), said);
        return said;
    }

    private static String others(Set<Path> paths) {
        return "Somebody else changed " + paths + " meanwhile; that was left as it is. Run 'farrier plan'.";
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
}
