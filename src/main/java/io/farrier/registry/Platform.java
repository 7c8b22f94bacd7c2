package io.farrier.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import java.util.Optional;

/** What an image must be made for, in the words of an image index ({@code linux}, {@code amd64}). */
record Platform(String os, String architecture) {
    static Platform ofThisNode() {
        String arch = System.getProperty("os.arch", "");
        return new Platform(
                "linux",
                switch (arch) {
                    case "x86_64" -> "amd64";
                    case "aarch64" -> "arm64";
                    default -> arch;
                });
    }

    /** The image of this platform in an index; empty when it has none. */
    Optional<Reference> childOf(JsonNode index, Reference reference) {
        for (JsonNode manifest : index.path("manifests")) {
            JsonNode platform = manifest.path("platform");
            if (os.equals(platform.path("os").asText())
                    && architecture.equals(platform.path("architecture").asText())) {
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

    @Override
    public String toString() {
        return os + "/" + architecture;
    }
}
