package io.farrier.runtime;

import io.farrier.image.ImageId;
import io.farrier.image.InvalidReferenceException;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An image a runtime holds.
 *
 * @param tags full references with tag, normalised ({@code docker.io/rancher/kubectl:v1.26.3})
 * @param digests manifest digests it is known by
 */
public record LocalImage(ImageId id, List<String> tags, List<ManifestDigest> digests, long sizeBytes, boolean pinned) {
    public LocalImage {
        tags = List.copyOf(tags);
        digests = List.copyOf(digests);
    }

    /**
     * From the names as a runtime writes them. What is no reference, such as Docker's {@code <none>:<none>}, is left out.
     *
     * @param repoTags {@code rancher/kubectl:v1}
     * @param repoDigests {@code rancher/kubectl@sha256:...}
     */
    public static LocalImage named(
            String id, List<String> repoTags, List<String> repoDigests, long sizeBytes, boolean pinned) {
        return new LocalImage(
                new ImageId(id),
                references(repoTags).map(Reference::toString).toList(),
                references(repoDigests)
                        .flatMap(name -> name.digest().stream())
                        .distinct()
                        .toList(),
                sizeBytes,
                pinned);
    }

    /**
     * Whether an image that was looked up as {@code reference} has its tag too: with both a tag and a digest runtimes look
     * at the digest only.
     */
    public boolean hasTagOf(Reference reference) {
        return reference
                .tag()
                .map(tag -> tags.contains(reference.name() + ":" + tag))
                .orElse(true);
    }

    private static Stream<Reference> references(List<String> names) {
        return names.stream().flatMap(name -> parse(name).stream());
    }

    private static Optional<Reference> parse(String name) {
        try {
            return Optional.of(Reference.parse(name));
        } catch (InvalidReferenceException notAName) {
            return Optional.empty();
        }
    }
}
