package io.farrier.reconcile;

import io.farrier.ledger.By;
import io.farrier.ledger.Ledger;
import io.farrier.node.LockFile;
import io.farrier.node.NodeLock;
import io.farrier.plan.Outcome;
import io.farrier.plan.Outcome.Result;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Writes into the history what {@link Transaction} has no part in: what was refused or held back before anything was
 * written, what did not last, and what a pull proved. Of an order by hand every refusal; of the agent, which looks again and
 * again, only what is new.
 */
final class RefusalNotes {
    private final Ledger ledger;
    private final NodeLock lock;
    private final Clock clock;

    RefusalNotes(Ledger ledger, NodeLock lock, Clock clock) {
        this.ledger = ledger;
        this.lock = lock;
        this.clock = clock;
    }

    /** @return {@code outcomes}, as they are */
    List<Outcome> ofOrder(By by, List<Outcome> outcomes) throws IOException {
        boolean isWritten = outcomes.stream().anyMatch(RefusalNotes::isOfATransaction);
        List<Outcome> notes = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            boolean isRefused = !isWritten && outcome.result() == Result.REFUSED;
            if (isAfterwards(outcome) || isRefused || isHeldBackAnew(outcome)) {
                notes.add(outcome);
            }
        }
        return noted(by, outcomes, notes::contains);
    }

    /** @return {@code outcomes}, as they are */
    List<Outcome> ofRound(By by, List<Outcome> outcomes) throws IOException {
        List<Outcome> anew = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            boolean isRepeatable = outcome.result() == Result.REFUSED || outcome.result() == Result.DIVERGED;
            if (isProof(outcome) || (isRepeatable && !ledger.remembers(outcome))) {
                anew.add(outcome);
            }
        }
        return noted(by, outcomes, anew::contains);
    }

    /** A restore is noted also where nothing was to be given back: it releases the node. */
    List<Outcome> ofRestore(By by, List<Outcome> outcomes) throws IOException {
        boolean isWritten = outcomes.stream().anyMatch(RefusalNotes::isOfATransaction);
        return noted(by, outcomes, outcome -> !isWritten);
    }

    private List<Outcome> noted(By by, List<Outcome> outcomes, Predicate<Outcome> isWorthNoting) throws IOException {
        List<Outcome> worthNoting = outcomes.stream().filter(isWorthNoting).toList();
        if (!worthNoting.isEmpty()) {
            try (LockFile held = lock.take()) {
                ledger.remember(by, clock.instant(), worthNoting);
            }
        }
        return outcomes;
    }

    /** What is known only once the change is done and noted. */
    private static boolean isAfterwards(Outcome outcome) {
        return outcome.result() == Result.DIVERGED || isProof(outcome);
    }

    /** There is at most one a change and a day. */
    private static boolean isProof(Outcome outcome) {
        return outcome.result() == Result.PROVEN || outcome.result() == Result.UNPROVEN;
    }

    /** Once: an order that finds everything as it was leaves no trace. */
    private boolean isHeldBackAnew(Outcome outcome) throws IOException {
        return !outcome.withheld().isEmpty() && !ledger.remembers(outcome);
    }

    /** Then it is in the history already, with what was refused beside it. */
    private static boolean isOfATransaction(Outcome outcome) {
        return switch (outcome.result()) {
            case APPLIED, DIVERGED, ROLLED_BACK, FAILED -> true;
            case WAITING -> !outcome.done().isEmpty();
            case KEPT, REFUSED, PROVEN, UNPROVEN -> false;
        };
    }
}
