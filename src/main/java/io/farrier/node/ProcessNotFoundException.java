package io.farrier.node;

import java.io.IOException;

/** A daemon's process was not found; the message says each way that was tried. Nothing is ever signalled on a guess. */
public final class ProcessNotFoundException extends IOException {
    private static final long serialVersionUID = 1L;

    ProcessNotFoundException(String message) {
        super(message);
    }
}
