package io.farrier.agent;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** No agent runs on this node, or none that this user may ask; the caller does the work itself or says so. */
public final class AgentUnavailableException extends IOException {
    private static final long serialVersionUID = 1L;

    AgentUnavailableException(String message) {
        this(message, null);
    }

    AgentUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
