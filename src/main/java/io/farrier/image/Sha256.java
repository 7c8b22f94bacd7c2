package io.farrier.image;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The one digest algorithm that registries and runtimes agree on, in the form they write it. */
public final class Sha256 {
    private final MessageDigest digest = newDigest();

    public static String of(byte[] bytes) {
        Sha256 sha = new Sha256();
        sha.update(bytes, 0, bytes.length);
        return sha.finish();
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    public void update(byte[] bytes, int from, int length) {
        digest.update(bytes, from, length);
    }

    /** {@code sha256:<64 hex>} of all that came, and begins anew. */
    public String finish() {
        return "sha256:" + HexFormat.of().formatHex(digest.digest());
    }
}
