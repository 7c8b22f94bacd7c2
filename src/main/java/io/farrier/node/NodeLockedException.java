package io.farrier.node;

import java.io.IOException;

/** Another farrier process is changing this node and did not end in time. */
public final class NodeLockedException extends IOException {
    private static final long serialVersionUID = 1L;

    NodeLockedException(String message) {
        super(message);
    }
}
