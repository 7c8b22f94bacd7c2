package io.farrier.reconcile;

import io.farrier.node.LockFile;
import io.farrier.node.NodeLock;
import io.farrier.node.NodeLockedException;
import io.farrier.node.Pause;
import io.farrier.node.PauseFile;
import io.farrier.node.SafeMode;
import io.farrier.node.SafeModeFile;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/** Stops all changes to this node, and lets them go on: whoever makes them, the agent or a verb (SAFETY 2). */
public final class Pausing {
    private final PauseFile file;
    private final SafeModeFile safeMode;
    private final NodeLock lock;
    private final Clock clock;

    public Pausing(PauseFile file, SafeModeFile safeMode, NodeLock lock, Clock clock) {
        this.file = file;
        this.safeMode = safeMode;
        this.lock = lock;
        this.clock = clock;
    }

    /**
     * From here on nothing begins. Returns once the change that was under way, if there was one, is complete or rolled back.
     *
     * @param time how long; empty for until somebody ends it
     * @return what is now said of the node, a sentence
     */
    public String pause(String who, String reason, Optional<Duration> time) throws IOException {
        file.write(new Pause(reason, who, time.map(clock.instant()::plus)));
        String sentence = file.current().map(Pause::sentence).orElseThrow() + ".";
        try (LockFile nobodyChanges = lock.take()) {
            return "This node does not change any more: " + sentence;
        } catch (NodeLockedException underWay) {
            return "No further change begins: " + sentence + " " + underWay.getMessage();
        }
    }

    /**
     * What no longer holds the node; empty where it did not.
     *
     * @param pause a sentence without a full stop
     * @param safeMode the same
     */
    public record Resumed(Optional<String> pause, Optional<String> safeMode) {}

    public Resumed resume() throws IOException {
        return new Resumed(file.remove().map(Pause::sentence), safeMode.leave().map(SafeMode::sentence));
    }
}
