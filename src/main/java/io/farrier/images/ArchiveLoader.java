package io.farrier.images;

import io.farrier.archive.ArchiveLayout;
import io.farrier.archive.ArchiveWriter;
import io.farrier.archive.ArchivedImage;
import io.farrier.archive.ImageArchive;
import io.farrier.image.Blob;
import io.farrier.image.ImageId;
import io.farrier.image.Platform;
import io.farrier.image.Reference;
import io.farrier.images.ImageLock.Pin;
import io.farrier.runtime.ContainerRuntime;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Takes images out of an archive, by order of a person: those the node wants, or all that is in it. */
public final class ArchiveLoader {
    private final ContainerRuntime runtime;
    private final WantedImages wanted;
    private final ImageLock lock;
    private final Platform platform;
    private final Path scratch;

    /** @param scratch a folder where a compressed archive is unpacked */
    public ArchiveLoader(
            ContainerRuntime runtime, WantedImages wanted, ImageLock lock, Platform platform, Path scratch) {
        this.runtime = runtime;
        this.wanted = wanted;
        this.lock = lock;
        this.platform = platform;
        this.scratch = scratch;
    }

    /**
     * @param loaded what is there now
     * @param passedOver what the archive has and the node does not want
     */
    public record Loaded(List<Reference> loaded, List<Reference> passedOver) {
        public Loaded {
            loaded = List.copyOf(loaded);
            passedOver = List.copyOf(passedOver);
        }
    }

    private interface Destination {
        void take(ArchiveImages images) throws IOException;
    }

    /** Into the runtime. Nothing is loaded unless the whole archive is sound and meets all pins. */
    public Loaded load(Path archive, boolean all) throws IOException {
        return load(archive, all, runtime::load);
    }

    /**
     * Into the folder from which k3s and RKE2 import at every start, as one archive written anew. They watch the folder,
     * so it is written under a name they pass over and then renamed.
     */
    public Loaded copyTo(Path folder, Path archive, boolean all) throws IOException {
        Files.createDirectories(folder);
        Path target = folder.resolve(nameOf(archive));
        Path hidden = folder.resolve("." + target.getFileName() + ".farrier");
        return load(archive, all, images -> write(hidden, target, images));
    }

    /** Whatever stops it, nothing is left: the archive is here still, and half a copy would only fill the disk. */
    private static void write(Path hidden, Path target, ArchiveImages images) throws IOException {
        ArchiveLayout layout = ArchiveLayout.of(images.chosen());
        ArchiveWriter writer =
                new ArchiveWriter(hidden, layout, (blob, offset) -> skipped(images, blob, offset), bytes -> {});
        try {
            writer.write();
            Files.move(hidden, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | RuntimeException stopped) {
            writer.discard();
            Files.deleteIfExists(hidden);
            throw stopped;
        }
    }

    private static InputStream skipped(ArchiveImages images, Blob blob, long offset) throws IOException {
        InputStream in = images.open(blob);
        in.skipNBytes(offset);
        return in;
    }

    /** k3s takes what it reads by its ending; ours is written without compression. */
    private static String nameOf(Path archive) {
        String name = String.valueOf(archive.getFileName());
        return name.replaceAll("\\.(tar\\.gz|tgz|tar\\.zst|tzst|tar)$", "") + ".tar";
    }

    private Loaded load(Path file, boolean all, Destination destination) throws IOException {
        try (ImageArchive archive = ImageArchive.open(file, platform, scratch)) {
            Set<Reference> names = new LinkedHashSet<>();
            archive.images().forEach(image -> names.addAll(image.names()));
            ArchiveImages chosen =
                    ArchiveImages.of(archive, name -> all || wanted.references().contains(name));
            List<Reference> loaded = new ArrayList<>();
            for (ArchivedImage image : chosen.chosen()) {
                checkPins(file, image);
                loaded.addAll(image.names());
            }
            if (!loaded.isEmpty()) {
                destination.take(chosen);
            }
            loaded.forEach(names::remove);
            return new Loaded(loaded, List.copyOf(names));
        }
    }

    private void checkPins(Path file, ArchivedImage image) throws IOException {
        ImageId id = new ImageId(image.manifest().config().orElseThrow().digest());
        for (Reference name : image.names()) {
            Optional<Pin> other = lock.find(name)
                    .filter(pin -> !pin.digest().equals(image.manifest().digest())
                            && !pin.id().equals(id));
            if (other.isPresent()) {
                throw new IOException(file + " has " + name + " as " + id + ", but the lock says "
                        + other.get().id() + ". Nothing of it was imported.");
            }
        }
    }
}
