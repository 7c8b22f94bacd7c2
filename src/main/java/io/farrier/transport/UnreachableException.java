package io.farrier.transport;

import java.io.IOException;

/** Nobody could be talked to: no such socket or name, refused, no route, or a TLS handshake that failed. */
public final class UnreachableException extends IOException {
    private static final long serialVersionUID = 1L;

    UnreachableException(String message, Throwable cause) {
        super(message, cause);
    }
}
