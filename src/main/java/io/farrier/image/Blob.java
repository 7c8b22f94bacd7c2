package io.farrier.image;

import java.util.regex.Pattern;

/**
 * A descriptor of OCI's image specification: what some bytes are, how they are known and how many there are.
 *
 * @param digest {@code sha256:<64 hex>} of the bytes
 */
public record Blob(String mediaType, String digest, long size) {
    /** Larger than any layer of a real image; a size beyond it is a lie or a mistake. */
    public static final long MAX_BYTES = 64L << 30;

    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

    public Blob {
        if (!DIGEST.matcher(digest).matches()) {
            throw new IllegalArgumentException(
                    "'" + digest + "' is not the digest of a blob; expected sha256:<64 hex digits>");
        }
        if (size < 0 || size > MAX_BYTES) {
            throw new IllegalArgumentException("blob " + digest + " cannot have " + size + " bytes");
        }
    }

    /** The 64 hex digits, which name its file in an image layout. */
    public String hex() {
        return digest.substring("sha256:".length());
    }
}
