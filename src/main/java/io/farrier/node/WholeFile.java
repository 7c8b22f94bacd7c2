package io.farrier.node;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;

/** A file of ours, mode 0600, that is there as a whole or not at all, whatever stops the machine in between. */
public final class WholeFile {
    private WholeFile() {}

    /** Temp, fsync, rename, fsync of the folder. */
    public static void replace(Path file, byte[] content) throws IOException {
        put(draft(file, content), file);
    }

    /** The content on disk as {@code NAME.new}, in place of what an earlier attempt left there. */
    public static Path draft(Path file, byte[] content) throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(draft);
        try (FileChannel channel = FileChannel.open(
                draft,
                Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            Draft.writeAll(channel, content);
            channel.force(true);
        }
        return draft;
    }

    /** Until something else is forced on that disk a power cut may bring back what was there before, as a whole. */
    public static void putUnforced(Path draft, Path file) throws IOException {
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Returns when a power cut could no longer bring back what was there before. */
    public static void put(Path draft, Path file) throws IOException {
        putUnforced(draft, file);
        Draft.sync(Objects.requireNonNull(file.toAbsolutePath().getParent(), "not the root folder itself"));
    }
}
