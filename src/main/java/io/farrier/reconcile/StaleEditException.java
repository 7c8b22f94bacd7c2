package io.farrier.reconcile;

import java.io.IOException;

/** A file is not what the plan was made for; nothing was written, and planning again may help. */
final class StaleEditException extends IOException {
    private static final long serialVersionUID = 1L;

    StaleEditException(String message) {
        super(message);
    }
}
