package io.farrier.collector.identity;

import io.farrier.image.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * What stands for a node's own secret: its SHA-256, 64 hex digits. The secret is random and long, so a plain hash is
 * enough, and nothing that the collector stores lets anyone speak as a node.
 */
public record NodeKey(String sha256) {
    /** The header with the secret that a node made for itself. */
    public static final String HEADER = "Farrier-Node-Key";

    private static final Pattern SECRET = Pattern.compile("[!-~]{16,256}");

    /** @throws IllegalArgumentException with a sentence, when the secret is too short, too long or not ASCII */
    public static NodeKey of(String secret) {
        if (!SECRET.matcher(secret).matches()) {
            throw new IllegalArgumentException(
                    "not a node key: expected 16 to 256 visible ASCII characters, made once by the node at random");
        }
        return new NodeKey(Sha256.hex(secret.getBytes(StandardCharsets.US_ASCII)));
    }

    /** The first digits: enough to tell two keys apart. */
    @Override
    public String toString() {
        return "node key " + sha256.substring(0, 8);
    }
}
