package io.farrier.runtime;

import io.farrier.image.ImageId;
import io.farrier.image.ManifestDigest;
import java.util.List;

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
}
