package io.farrier.image;

/**
 * What a runtime calls an image: on overlay2 and on CRI the digest of the image's configuration. Two pulls of one
 * {@link ManifestDigest} give one id, and one id can have several manifests.
 */
public record ImageId(String value) {
    @Override
    public String toString() {
        return value;
    }
}
