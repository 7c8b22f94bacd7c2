package io.farrier.archive;

import io.farrier.image.ImageManifest;
import io.farrier.image.Reference;
import java.util.List;

/**
 * One image of an archive: its names, each by tag, and its manifest. Where the archive has none, as those of {@code docker
 * save} before Docker 25, the manifest is made from what is there.
 */
public record ArchivedImage(List<Reference> names, ImageManifest manifest) {
    public ArchivedImage {
        names = List.copyOf(names);
    }
}
