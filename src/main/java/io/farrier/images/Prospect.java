package io.farrier.images;

import io.farrier.image.Blob;
import io.farrier.image.ImageId;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is known of an image before it is pulled.
 *
 * @param asked where it was looked for: another registry than the reference names, perhaps
 * @param digest of the manifest or index that the tag leads to
 * @param parts configuration and layers of this platform's image
 * @param sentence what was seen
 * @param retryAfter when a registry that sent us away wants to be asked again
 */
public record Prospect(
        Kind kind,
        Reference asked,
        Optional<ManifestDigest> digest,
        List<Blob> parts,
        String sentence,
        Optional<Duration> retryAfter) {
    public enum Kind {
        PRESENT,
        MISSING,
        /** The login was refused. */
        UNAUTHORIZED,
        /** Something that is no image lies under this name. */
        NO_IMAGE,
        /** It is there in a form that the runtime may read and farrier does not. */
        UNREADABLE,
        /** It answered that it cannot now (429, 5xx), or with bytes that are not what was asked for. */
        BUSY,
        UNREACHABLE
    }

    public Prospect {
        parts = List.copyOf(parts);
    }

    static Prospect without(Kind kind, Reference asked, String sentence, Optional<Duration> retryAfter) {
        return new Prospect(kind, asked, Optional.empty(), List.of(), sentence, retryAfter);
    }

    public boolean isPresent() {
        return kind == Kind.PRESENT;
    }

    /** The digest of its configuration, which comes first; empty when it is not known. */
    public Optional<ImageId> id() {
        return parts.stream().findFirst().map(config -> new ImageId(config.digest()));
    }

    /** As it travels: compressed. */
    public long bytes() {
        return parts.stream().mapToLong(Blob::size).sum();
    }
}
