package io.farrier.check;

import io.farrier.finding.Finding;
import io.farrier.node.PauseFile;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/** Is the node paused? Whoever forgets it would wonder why nothing happens. */
public final class PausedCheck implements Check {
    private final PauseFile file;

    public PausedCheck(PauseFile file) {
        this.file = file;
    }

    @Override
    public String name() {
        return "pause";
    }

    @Override
    public List<Finding> run(Instant now) throws IOException {
        return file.current().map(pause -> Catalogue.paused(pause, now)).stream()
                .toList();
    }
}
