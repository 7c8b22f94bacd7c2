package io.farrier.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** Two CAs that are valid for a hundred years. */
public final class TestCertificates {
    public static final byte[] CA = read("ca.crt");
    public static final byte[] OTHER_CA = read("other-ca.crt");

    private TestCertificates() {}

    private static byte[] read(String name) {
        try (InputStream in = Objects.requireNonNull(
                TestCertificates.class.getResourceAsStream("/io/farrier/keep/docker/" + name), name)) {
            return in.readAllBytes();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
