package io.farrier.reconcile;

import io.farrier.plan.Reason;
import java.io.IOException;

/** A change did not work out and is to be undone. */
final class FailedChange extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Reason reason;

    FailedChange(Reason reason) {
        super(reason.sentence());
        this.reason = reason;
    }

    FailedChange(String tried, IOException refused, String todo) {
        this(new Reason(tried, sentence(refused), todo));
    }

    Reason reason() {
        return reason;
    }

    static String sentence(IOException failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }
}
