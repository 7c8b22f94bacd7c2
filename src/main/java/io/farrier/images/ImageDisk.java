package io.farrier.images;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/** The file system that holds the images, which need not be the one of {@code /}. */
@FunctionalInterface
public interface ImageDisk {
    /** Nobody knows where it is: then there is no objection. */
    ImageDisk UNKNOWN = Optional::empty;

    record Space(Path path, long totalBytes, long usableBytes) {
        /** As {@code df} and the kubelet count it. */
        int usedPercent() {
            return totalBytes == 0 ? 0 : (int) ((totalBytes - usableBytes) * 100 / totalBytes);
        }
    }

    Optional<Space> space();

    /** @param dataRoot where the runtime keeps its images; asked each time */
    static ImageDisk at(Supplier<Optional<Path>> dataRoot) {
        return () -> dataRoot.get().flatMap(ImageDisk::look);
    }

    private static Optional<Space> look(Path path) {
        try {
            FileStore store = Files.getFileStore(path);
            return Optional.of(new Space(path, store.getTotalSpace(), store.getUsableSpace()));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }
}
