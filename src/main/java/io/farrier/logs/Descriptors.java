package io.farrier.logs;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What this process has open: a look through one sees a file that has no name any more. */
final class Descriptors {
    private static final Path FOLDER = Path.of("/proc/self/fd");

    private Descriptors() {}

    static List<Path> list() throws IOException {
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(FOLDER)) {
            descriptors.forEach(all::add);
        } catch (DirectoryIteratorException failed) {
            throw failed.getCause();
        }
        return all;
    }
}
