package io.farrier.reconcile;

import io.farrier.ledger.OpenChange;
import io.farrier.plan.FilePlan;
import io.farrier.plan.NodePlan;
import io.farrier.plan.Outcome;
import io.farrier.plan.Outcome.Result;
import io.farrier.plan.Reason;
import io.farrier.plan.ResourceName;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is said of each kept file when a change has ended. */
final class Outcomes {
    private final Clock clock;

    Outcomes(Clock clock) {
        this.clock = clock;
    }

    /** @param ofActive {@code WAITING} holds for those that need a restart; the others are applied */
    List<Outcome> of(NodePlan plan, Result ofActive, Optional<Reason> reason) {
        Map<ResourceName, Outcome> outcomes = new LinkedHashMap<>();
        for (FilePlan file : plan.files()) {
            outcomes.put(file.resource(), of(file, ofActive, reason));
        }
        return List.copyOf(outcomes.values());
    }

    private Outcome of(FilePlan file, Result ofActive, Optional<Reason> reason) {
        if (file.refusal().isPresent()) {
            return new Outcome(
                    file.resource(), Result.REFUSED, List.of(), file.withheld(), file.refusal(), clock.instant());
        }
        if (!Transaction.isActive(file)) {
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

    List<Outcome> recovered(OpenChange change, Result result, String saw) {
        Reason reason = new Reason("Found a change that was interrupted at " + change.at(), saw, "");
        return change.after().stream()
                .map(after -> new Outcome(
                        after.resource(), result, List.of(), List.of(), Optional.of(reason), clock.instant()))
                .toList();
    }
}
