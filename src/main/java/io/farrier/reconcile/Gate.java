package io.farrier.reconcile;

import io.farrier.plan.Change;
import io.farrier.plan.Consequence.Action;
import io.farrier.plan.Edit.Phase;
import io.farrier.plan.FilePlan;
import io.farrier.plan.Reason;
import io.farrier.plan.ResourceName;
import java.util.List;
import java.util.stream.Collectors;

/** Decides whether a change is kept: planning again leaves nothing but what may go now. */
final class Gate {
    private final boolean mayRestart;

    Gate(boolean mayRestart) {
        this.mayRestart = mayRestart;
    }

    /** Plans one resource anew, from the node as it is now. */
    @FunctionalInterface
    interface Again {
        FilePlan plan(ResourceName resource);
    }

    void pass(List<FilePlan> active, Again again) throws FailedChange {
        for (FilePlan file : active) {
            pass(again.plan(file.resource()));
        }
    }

    private void pass(FilePlan now) throws FailedChange {
        if (now.refusal().isPresent()) {
            throw new FailedChange(now.refusal().get());
        }
        List<Change> left =
                now.changes().stream().filter(change -> !isDone(change)).toList();
        if (!left.isEmpty() || now.edits().stream().anyMatch(edit -> edit.phase() != Phase.DROP_TRUST)) {
            throw new FailedChange(new Reason(
                    "Tried to bring " + now.resource() + " into effect", "this is still not so: " + text(left), ""));
        }
    }

    private boolean isDone(Change change) {
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
}
