package io.farrier.plan;

import java.nio.file.Path;
import java.util.Optional;

/**
 * One file from one state to another. It is applied only while {@code before} is still what is on disk.
 *
 * @param path as seen from the node's root (below {@code --root}, where one is given)
 * @param back on the way back, what a running daemon must read before {@code before} stands there again: dockerd's reload
 *     changes only keys that are in the file, so a key that this edit adds is first set to what its absence means
 */
public record Edit(Path path, FileState before, FileState after, Phase phase, Optional<FileState> back) {
    public Edit(Path path, FileState before, FileState after, Phase phase) {
        this(path, before, after, phase, Optional.empty());
    }

    /** The order in which edits run; a reload follows {@link #DOCUMENT}, a roll-back walks backwards. */
    public enum Phase {
        ADD_TRUST,
        DOCUMENT,
        DROP_TRUST
    }
}
