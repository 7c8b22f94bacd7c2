package io.farrier.registry;

import io.farrier.image.ManifestDigest;
import java.util.Optional;

/**
 * What a registry said about one reference.
 *
 * @param digest of the manifest or index it serves, when it is present
 * @param sizeBytes of the image's layers and configuration as far as one manifest tells; 0 for an index or unknown
 * @param sentence what was seen, ready to be shown
 */
public record RegistryAnswer(Kind kind, Optional<ManifestDigest> digest, long sizeBytes, String sentence) {
    public enum Kind {
        PRESENT,
        MISSING,
        UNAUTHORIZED,
        UNREACHABLE
    }

    static RegistryAnswer of(Kind kind, String sentence) {
        return new RegistryAnswer(kind, Optional.empty(), 0, sentence);
    }
}
