package io.farrier.agent;

import io.farrier.check.Catalogue;
import io.farrier.config.Mode;
import io.farrier.finding.Finding;
import io.farrier.node.Pause;
import io.farrier.node.PauseFile;
import io.farrier.node.SafeMode;
import io.farrier.node.SafeModeFile;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What stops the agent's hand whatever the configuration says, as it saw it last: the node's pause, and safe mode. */
final class BrakeWatch {
    private final PauseFile pauseFile;
    private final SafeModeFile safeModeFile;
    private volatile Seen seen = new Seen(Optional.empty(), Optional.empty());

    private record Seen(Optional<Pause> pause, Optional<SafeMode> safeMode) {
        /** By hand: to compare records, the JDK first writes a class, and mostly there is nothing to compare. */
        boolean isAs(Seen other) {
            return pause.equals(other.pause) && safeMode.equals(other.safeMode);
        }
    }

    BrakeWatch(PauseFile pauseFile, SafeModeFile safeModeFile) {
        this.pauseFile = pauseFile;
        this.safeModeFile = safeModeFile;
    }

    /** Looks; true when it is not as at the last look. */
    boolean hasChanged() throws IOException {
        Seen now = new Seen(pauseFile.current(), safeModeFile.current());
        boolean isNews = !now.isAs(seen);
        seen = now;
        return isNews;
    }

    Optional<Pause> pause() {
        return seen.pause();
    }

    Optional<SafeMode> safeMode() {
        return seen.safeMode();
    }

    /** What the agent goes by. */
    Mode mode(Mode configured) {
        return configured == Mode.KEEP && seen.safeMode().isPresent() ? Mode.OBSERVE : configured;
    }

    /** For the journal. */
    String sentence() {
        Seen now = seen;
        return now.pause()
                .map(on -> "Nothing on this node is changed any more: " + on.sentence())
                .or(() -> now.safeMode().map(on -> "The agent only watches: " + on.sentence()))
                .orElse("No pause and no safe mode holds the agent any more");
    }

    List<Finding> findings(Instant at) {
        Seen now = seen;
        List<Finding> findings = new ArrayList<>();
        now.pause().ifPresent(on -> findings.add(Catalogue.paused(on, at)));
        now.safeMode().ifPresent(on -> findings.add(Catalogue.safeMode(on, at)));
        return findings;
    }

    /** @throws io.farrier.node.PausedException while the node is paused */
    void checkPause(String tried) throws IOException {
        pauseFile.check(tried);
    }
}
