package io.farrier.logs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Under which name a file that this process has open stands, or stood when it was removed: the kernel follows the name by
 * which it was opened through all renames (proc(5), {@code /proc/pid/fd}).
 */
final class LastName {
    private static final String REMOVED = " (deleted)";

    private LastName() {}

    /** Empty when it was opened by its hold, whose name tells nothing. */
    static Optional<Path> of(FileKey file) throws IOException {
        for (Path descriptor : Descriptors.list()) {
            if (isOf(file, descriptor)) {
                return Optional.of(name(descriptor)).filter(name -> !HoldFolder.isHold(name));
            }
        }
        return Optional.empty();
    }

    private static boolean isOf(FileKey file, Path descriptor) throws IOException {
        return FileKey.lookThrough(descriptor)
                .filter(look -> look.key().equals(file))
                .isPresent();
    }

    private static Path name(Path descriptor) throws IOException {
        String name = Files.readSymbolicLink(descriptor).toString();
        return Path.of(name.endsWith(REMOVED) ? name.substring(0, name.length() - REMOVED.length()) : name);
    }
}
