package io.farrier.collector.store;

import java.io.IOException;

/** More is waiting for the disk than the store may hold: the sender must come again later. */
public final class StoreBusyException extends IOException {
    private static final long serialVersionUID = 1L;

    StoreBusyException(String message) {
        super(message);
    }
}
