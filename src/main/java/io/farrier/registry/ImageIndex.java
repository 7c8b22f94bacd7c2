package io.farrier.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Platform;
import io.farrier.image.Reference;
import java.util.Optional;

/** An image index (or Docker's manifest list): one image for each platform. */
final class ImageIndex {
    private ImageIndex() {}

    /** The image for {@code platform}; empty when the index has none. */
    static Optional<Reference> child(JsonNode index, Platform platform, Reference reference) {
        for (JsonNode manifest : index.path("manifests")) {
            JsonNode madeFor = manifest.path("platform");
            if (platform.os().equals(madeFor.path("os").asText())
                    && platform.architecture()
                            .equals(madeFor.path("architecture").asText())) {
                return digest(manifest.path("digest").asText())
                        .map(digest -> new Reference(
                                reference.registry(), reference.path(), Optional.empty(), Optional.of(digest)));
            }
        }
        return Optional.empty();
    }

    private static Optional<ManifestDigest> digest(String text) {
        try {
            return Optional.of(new ManifestDigest(text));
        } catch (IllegalArgumentException strange) {
            return Optional.empty();
        }
    }
}
