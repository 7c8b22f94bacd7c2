package io.farrier.images;

import io.farrier.archive.ArchiveLayout;
import io.farrier.archive.ArchiveWriter;
import io.farrier.archive.ArchivedImage;
import io.farrier.image.Blob;
import io.farrier.image.ImageManifest;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Platform;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.registry.Registry;
import io.farrier.registry.RegistryContent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;

/**
 * Saves images from registries to one archive. All manifests are read first: what is missing is known before the first
 * layer is fetched, and then nothing is written.
 */
public final class ArchiveSaver {
    private static final int PARALLEL = 8;

    private final RegistryContent content;
    private final Function<RegistryHost, Registry> registries;
    private final Platform platform;
    private final Tries tries;

    public ArchiveSaver(RegistryContent content, Function<RegistryHost, Registry> registries, Platform platform) {
        this(content, registries, platform, new Pauses(new Random(), duration -> Thread.sleep(duration.toMillis())));
    }

    ArchiveSaver(
            RegistryContent content, Function<RegistryHost, Registry> registries, Platform platform, Pauses pauses) {
        this.content = content;
        this.registries = registries;
        this.platform = platform;
        this.tries = new Tries(pauses);
    }

    /** @param failures why images cannot be saved, by reference; when there are any, nothing was written */
    public record Saved(int images, long bytes, Map<Reference, String> failures) {
        public Saved {
            failures = Map.copyOf(failures);
        }
    }

    /** Hears how far it is. */
    public interface Board {
        void reached(long bytes, long of);
    }

    private record Source(Registry registry, Reference repository) {}

    /** @param from the registry to read from instead of the images' own; their names in the archive stay */
    public Saved save(List<Reference> references, Optional<RegistryHost> from, Path target, Board board)
            throws IOException {
        List<Reference> order = references.stream().distinct().toList();
        Map<Reference, String> failures = new LinkedHashMap<>();
        Map<String, Source> sources = new HashMap<>();
        List<ArchivedImage> images = new ArrayList<>();
        List<Found> found = Abreast.each(PARALLEL, "save", order, reference -> find(reference, from));
        for (Found each : found) {
            each.failure().ifPresent(why -> failures.put(each.reference(), why));
            each.manifest().ifPresent(manifest -> {
                images.add(new ArchivedImage(List.of(each.reference().withoutDigest()), manifest));
                manifest.blobs().forEach(blob -> sources.putIfAbsent(blob.digest(), each.source()));
            });
        }
        if (!failures.isEmpty()) {
            return new Saved(0, 0, failures);
        }
        ArchiveLayout layout = ArchiveLayout.of(images);
        ArchiveWriter writer = new ArchiveWriter(
                target,
                layout,
                (blob, offset) -> open(sources, blob, offset),
                bytes -> board.reached(bytes, layout.size()));
        try {
            writer.write();
        } catch (IOException stopped) {
            throw new IOException(
                    stopped.getMessage() + " What has arrived is kept in " + writer.partial()
                            + "; the same command goes on from there.",
                    stopped);
        }
        return new Saved(images.size(), layout.size(), failures);
    }

    private record Found(
            Reference reference, Source source, Optional<ImageManifest> manifest, Optional<String> failure) {}

    private Found find(Reference reference, Optional<RegistryHost> from) {
        Reference asked = from.map(reference::under).orElse(reference);
        Registry registry = registries.apply(asked.registry());
        Source source = new Source(registry, asked);
        try {
            return new Found(reference, source, Optional.of(image(registry, asked)), Optional.empty());
        } catch (IOException failure) {
            return new Found(reference, source, Optional.empty(), Optional.of(String.valueOf(failure.getMessage())));
        }
    }

    private ImageManifest image(Registry registry, Reference asked) throws IOException {
        ImageManifest served = tries.of(() -> content.manifest(registry, asked));
        if (!served.isIndex()) {
            return served;
        }
        Blob child = served.childFor(platform)
                .orElseThrow(
                        () -> new IOException(registry.host() + " has " + asked + ", but not for " + platform + "."));
        Reference exact = asked.at(new ManifestDigest(child.digest())).withoutTag();
        return tries.of(() -> content.manifest(registry, exact));
    }

    private java.io.InputStream open(Map<String, Source> sources, Blob blob, long offset) throws IOException {
        Source source = sources.get(blob.digest());
        if (source == null) {
            throw new IOException("nobody has blob " + blob.digest());
        }
        return tries.reading(blob, offset, at -> content.blob(source.registry(), source.repository(), blob, at));
    }
}
