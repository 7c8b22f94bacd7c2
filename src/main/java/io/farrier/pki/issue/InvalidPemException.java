package io.farrier.pki.issue;

import java.io.IOException;

/** Text that is not the PEM it should be; the message is a sentence without any of the text. */
public final class InvalidPemException extends IOException {
    private static final long serialVersionUID = 1L;

    InvalidPemException(String message) {
        super(message);
    }

    InvalidPemException(String message, Throwable cause) {
        super(message, cause);
    }
}
