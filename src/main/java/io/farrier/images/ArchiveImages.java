package io.farrier.images;

import io.farrier.archive.ArchiveLayout;
import io.farrier.archive.ArchivedImage;
import io.farrier.archive.ImageArchive;
import io.farrier.image.Blob;
import io.farrier.image.Reference;
import io.farrier.runtime.Images;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Some images of a verified archive, for a runtime. What it is given is written anew: not one byte of a header passes. */
final class ArchiveImages implements Images {
    private final ImageArchive archive;
    private final List<ArchivedImage> chosen;

    private ArchiveImages(ImageArchive archive, List<ArchivedImage> chosen) {
        this.archive = archive;
        this.chosen = List.copyOf(chosen);
    }

    /** The images that have a wanted name, under their wanted names only. */
    static ArchiveImages of(ImageArchive archive, Predicate<Reference> isWanted) {
        List<ArchivedImage> chosen = new ArrayList<>();
        for (ArchivedImage image : archive.images()) {
            List<Reference> names = image.names().stream().filter(isWanted).toList();
            if (!names.isEmpty()) {
                chosen.add(new ArchivedImage(names, image.manifest()));
            }
        }
        return new ArchiveImages(archive, chosen);
    }

    List<ArchivedImage> chosen() {
        return chosen;
    }

    @Override
    public List<Named> images() {
        return chosen.stream()
                .map(image -> new Named(image.names(), image.manifest()))
                .toList();
    }

    @Override
    public InputStream open(Blob blob) throws IOException {
        return archive.open(blob);
    }

    @Override
    public void writeArchive(OutputStream out) throws IOException {
        ArchiveLayout.of(chosen).writeTo(out, (blob, offset) -> archive.open(blob));
    }
}
