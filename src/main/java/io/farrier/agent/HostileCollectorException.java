package io.farrier.agent;

import java.io.IOException;

/** The collector sent what no collector sends; the connection is closed and tried again later. */
final class HostileCollectorException extends IOException {
    private static final long serialVersionUID = 1L;

    HostileCollectorException(String message) {
        super(message);
    }
}
