package io.farrier.reconcile;

import io.farrier.ledger.Ownership;
import io.farrier.plan.Edit;
import io.farrier.plan.FilePlan;
import io.farrier.plan.Reason;
import java.util.Locale;
import java.util.Optional;

/**
 * An edit after which more people can use a file than before. Whoever closed it had a reason, a login in it for one (SAFETY
 * 33); only what was there before farrier may come back as it was.
 */
final class Widening {
    private Widening() {}

    /** Why such a plan is refused. */
    static Optional<Reason> in(FilePlan plan, Ownership ours) {
        return plan.edits().stream()
                .filter(edit -> edit.after().isWiderThan(edit.before()))
                .filter(edit -> !ours.original(edit.path()).equals(Optional.of(edit.after())))
                .findFirst()
                .map(Widening::reason);
    }

    private static Reason reason(Edit edit) {
        String wider = octal(edit.after().mode());
        return new Reason(
                "Tried to write " + edit.path(),
                "its mode is " + octal(edit.before().mode()) + " and would be " + wider
                        + ": farrier opens no file to more people.",
                "If it may be opened, run 'chmod " + wider + " " + edit.path() + "'.");
    }

    private static String octal(int mode) {
        return String.format(Locale.ROOT, "%04o", mode);
    }
}
