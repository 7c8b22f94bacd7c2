package io.farrier.logs.copied;

import java.io.IOException;
import java.nio.file.Path;

/** What the collector has, as a checkpoint on disk says. */
@FunctionalInterface
public interface Stored {
    boolean has(Path file) throws IOException;
}
