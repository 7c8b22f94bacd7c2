package io.farrier.runtime;

import io.farrier.plan.DaemonName;
import java.io.IOException;

/** The process behind a runtime, as far as farrier may move it. */
public interface Daemon {
    DaemonName name();

    /**
     * Makes it read its configuration and returns when it said that it did. Exit 0 of a signal proves nothing: dockerd
     * reports a rejected file in its log only, so the reload event is awaited.
     *
     * @throws IOException when it cannot be found, cannot be signalled, or did not confirm within the deadline
     */
    void reload() throws IOException;

    void restart() throws IOException;

    /** True when it answers its API now. */
    boolean answers();
}
