package io.farrier.logs.docker;

import java.io.IOException;

/** The container's logging driver cannot be read, today or ever. */
final class UnreadableLogException extends IOException {
    private static final long serialVersionUID = 1L;

    UnreadableLogException(String words) {
        super(words);
    }
}
