package io.farrier.logs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A log file that is open and, where its file system allows, also linked in a hold folder, so that its bytes outlive
 * rotation, {@code docker rm} and this process.
 *
 * @param hold empty when only the descriptor holds it: a kill then costs what was not yet acknowledged
 */
record HeldFile(FileKey key, LogBytes content, Optional<Path> hold) implements Closeable {
    /** Gives the bytes back to the disk, unless another name keeps them. */
    void release() throws IOException {
        content.close();
        if (hold.isPresent()) {
            Files.deleteIfExists(hold.get());
        }
    }

    /** Closes the descriptor only; the link stays for the next start. */
    @Override
    public void close() throws IOException {
        content.close();
    }
}
