package io.farrier.runtime;

import java.io.IOException;

/** The runtime's socket is not there or nobody answers; it may come back by itself. */
public final class RuntimeUnavailableException extends IOException {
    private static final long serialVersionUID = 1L;

    public RuntimeUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }

    public RuntimeUnavailableException(String message) {
        super(message);
    }
}
