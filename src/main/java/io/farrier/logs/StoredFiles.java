package io.farrier.logs;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The files of which a checkpoint says that the collector has all of them. */
public final class StoredFiles {
    private final Set<String> ids;

    public StoredFiles(Checkpoint onDisk) {
        this.ids = onDisk.entries().stream()
                .filter(Checkpoint.Entry::done)
                .map(Checkpoint.Entry::id)
                .collect(Collectors.toSet());
    }

    /** @param file that nobody writes to any more; known by its first line too, for its inode may have been another's */
    public boolean has(Path file) throws IOException {
        Optional<FileKey.Look> look = FileKey.look(file);
        if (look.isEmpty()) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file)) {
            return FileFingerprint.read(new PlainBytes(channel), true)
                    .map(print -> print.sourceId(look.get().key()).value())
                    .filter(ids::contains)
                    .isPresent();
        } catch (NoSuchFileException gone) {
            return false;
        }
    }
}
