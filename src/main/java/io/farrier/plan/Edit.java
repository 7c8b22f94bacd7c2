package io.farrier.plan;

import java.nio.file.Path;

/**
 * One file from one state to another. It is applied only while {@code before} is still what is on disk.
 *
 * @param path as seen from the node's root (below {@code --root}, where one is given)
 */
public record Edit(Path path, FileState before, FileState after, Phase phase) {
    /** The order in which edits run; a reload follows {@link #DOCUMENT}, a roll-back walks backwards. */
    public enum Phase {
        ADD_TRUST,
        DOCUMENT,
        DROP_TRUST
    }
}
