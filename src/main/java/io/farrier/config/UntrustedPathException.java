package io.farrier.config;

import java.io.IOException;

/** A file or folder that somebody else may have written. The message names it and the command that mends it. */
public final class UntrustedPathException extends IOException {
    private static final long serialVersionUID = 1L;

    public UntrustedPathException(String message) {
        super(message);
    }
}
