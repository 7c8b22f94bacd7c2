package io.farrier.agent;

import io.farrier.node.Pause;
import io.farrier.node.PauseFile;
import java.io.IOException;
import java.util.Optional;

/** The node's pause, as the agent saw it last. */
final class PauseWatch {
    private final PauseFile file;
    private volatile Optional<Pause> seen = Optional.empty();

    PauseWatch(PauseFile file) {
        this.file = file;
    }

    /** Looks; true when it is not as at the last look. */
    boolean hasChanged() throws IOException {
        Optional<Pause> now = file.current();
        boolean isNews = !now.equals(seen);
        seen = now;
        return isNews;
    }

    Optional<Pause> seen() {
        return seen;
    }

    /** @throws io.farrier.node.PausedException while the node is paused */
    void check(String tried) throws IOException {
        file.check(tried);
    }
}
