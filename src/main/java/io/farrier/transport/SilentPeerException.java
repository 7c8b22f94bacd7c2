package io.farrier.transport;

import java.io.IOException;

/** The peer took the request and then said nothing for too long. */
public final class SilentPeerException extends IOException {
    private static final long serialVersionUID = 1L;

    SilentPeerException(String message) {
        super(message);
    }
}
