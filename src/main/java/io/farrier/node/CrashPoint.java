package io.farrier.node;

import java.nio.file.Path;

/**
 * Is told of every step that {@link NodeFiles} has just made on disk. In production it does nothing; a test throws from
 * it, which is what a kill at that instant leaves behind.
 */
@FunctionalInterface
public interface CrashPoint {
    CrashPoint NONE = (step, path) -> {};

    /** One step on disk, after which the process may be gone. */
    enum Step {
        FOLDER_MADE,
        TEMP_CREATED,
        TEMP_WRITTEN,
        RENAMED,
        REPLACED,
        DELETED,
        APPENDED
    }

    void reached(Step step, Path path);
}
