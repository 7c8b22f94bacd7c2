package io.farrier.image;

import java.util.regex.Pattern;

/** {@code sha256:<64 hex>} of a manifest's exact bytes, as a registry serves it. Not an {@link ImageId}. */
public record ManifestDigest(String value) {
    private static final Pattern GRAMMAR = Pattern.compile("sha256:[0-9a-f]{64}");

    public ManifestDigest {
        if (!GRAMMAR.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "'" + value + "' is not a manifest digest; expected sha256:<64 hex digits>");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
