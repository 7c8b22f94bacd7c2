package io.farrier.image;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The one digest algorithm that registries and runtimes agree on, in the form they write it. */
public final class Sha256 {
    private static final String PREFIX = "sha256:";
    private static final int BUFFER_BYTES = 64 << 10;

    private final MessageDigest digest = newDigest();

    /** {@code sha256:<64 hex>}. */
    public static String of(byte[] bytes) {
        return PREFIX + hex(bytes);
    }

    /** The same of a stream, to its end. */
    public static String of(InputStream in) throws IOException {
        return PREFIX + hex(in);
    }

    /** 64 hex digits, lower case, of a stream to its end. */
    public static String hex(InputStream in) throws IOException {
        MessageDigest digest = newDigest();
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            digest.update(buffer, 0, read);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** 64 hex digits, lower case, of the parts one after the other. */
    public static String hex(byte[]... parts) {
        MessageDigest digest = newDigest();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** 32 bytes. */
    public static byte[] raw(byte[] bytes) {
        return newDigest().digest(bytes);
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
        return PREFIX + HexFormat.of().formatHex(digest.digest());
    }
}
