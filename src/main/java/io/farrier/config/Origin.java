package io.farrier.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a value was written.
 *
 * @param file null for what no file says
 * @param line from 1
 */
record Origin(@Nullable Path file, int line) {
    static final Origin DEFAULT = new Origin(null, 0);

    @Override
    public String toString() {
        return file == null ? "default" : file + ":" + line;
    }
}
