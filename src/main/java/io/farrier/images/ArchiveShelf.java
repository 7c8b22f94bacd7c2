package io.farrier.images;

import io.farrier.archive.ArchivedImage;
import io.farrier.archive.ImageArchive;
import io.farrier.config.TrustedFiles;
import io.farrier.image.ImageManifest;
import io.farrier.image.Platform;
import io.farrier.image.Reference;
import io.farrier.images.ImageLock.Pin;
import io.farrier.runtime.ContainerRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Archives that lie on the node for the day when no registry answers: {@code /var/lib/farrier/images}. Loading a false
 * pause image is code in every pod, so nobody but root may have written there, only wanted names are taken, and what is
 * pinned must be what the pin says.
 */
public final class ArchiveShelf {
    private static final int MAX_ARCHIVES = 100;
    private static final List<String> ENDINGS = List.of(".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst");

    private final TrustedFiles files;
    private final Path folder;
    private final Platform platform;
    private final Path scratch;
    /** What an archive of this size and time holds: it is read whole once, not at every round. */
    private final Map<Path, Known> known = new HashMap<>();

    private record Known(long size, FileTime time, Map<Reference, Pin> images, Optional<String> refusal) {}

    /**
     * @param folder as the node sees it
     * @param scratch where a compressed archive is unpacked
     */
    public ArchiveShelf(TrustedFiles files, Path folder, Platform platform, Path scratch) {
        this.files = files;
        this.folder = folder;
        this.platform = platform;
        this.scratch = scratch;
    }

    /**
     * Loads one image, if an archive has it.
     *
     * @return which archive it came from; empty when none has it
     * @throws IOException when one has it and it cannot be had, or may not be
     */
    synchronized Optional<Path> load(Reference wanted, Optional<Pin> pin, ContainerRuntime runtime) throws IOException {
        List<String> refusals = new ArrayList<>();
        for (Path name : archives()) {
            Path file = files.locate(name);
            Known content = look(file);
            content.refusal().ifPresent(refusals::add);
            Pin there = content.images().get(wanted);
            if (there == null) {
                continue;
            }
            if (pin.isPresent() && !isSame(pin.get(), there)) {
                refusals.add(name + " has " + wanted + " as " + there.id() + ", but the lock says "
                        + pin.get().id() + ": refused.");
                continue;
            }
            load(file, wanted, runtime);
            return Optional.of(name);
        }
        if (!refusals.isEmpty()) {
            throw new IOException(String.join(" ", refusals));
        }
        return Optional.empty();
    }

    private static boolean isSame(Pin pin, Pin there) {
        return pin.digest().equals(there.digest()) || pin.id().equals(there.id());
    }

    private List<Path> archives() throws IOException {
        try {
            return files.list(folder).stream()
                    .filter(name -> ENDINGS.stream().anyMatch(name::endsWith))
                    .filter(name -> !name.startsWith("."))
                    .sorted()
                    .limit(MAX_ARCHIVES)
                    .map(folder::resolve)
                    .toList();
        } catch (NoSuchFileException none) {
            return List.of();
        }
    }

    private Known look(Path file) throws IOException {
        long size = Files.size(file);
        FileTime time = Files.getLastModifiedTime(file);
        Known before = known.get(file);
        if (before != null && before.size() == size && before.time().equals(time)) {
            return before;
        }
        Known now = read(file, size, time);
        known.put(file, now);
        return now;
    }

    private Known read(Path file, long size, FileTime time) {
        try (ImageArchive archive = ImageArchive.open(file, platform, scratch)) {
            Map<Reference, Pin> images = new HashMap<>();
            for (ArchivedImage image : archive.images()) {
                image.names().forEach(name -> images.put(name, pinOf(image.manifest())));
            }
            return new Known(size, time, Map.copyOf(images), Optional.empty());
        } catch (IOException refused) {
            return new Known(size, time, Map.of(), Optional.of(String.valueOf(refused.getMessage())));
        }
    }

    private static Pin pinOf(ImageManifest manifest) {
        return new Pin(
                manifest.digest(),
                new io.farrier.image.ImageId(manifest.config().orElseThrow().digest()));
    }

    private void load(Path file, Reference wanted, ContainerRuntime runtime) throws IOException {
        try (ImageArchive archive = ImageArchive.open(file, platform, scratch)) {
            runtime.load(ArchiveImages.of(archive, wanted::equals));
        }
    }
}
