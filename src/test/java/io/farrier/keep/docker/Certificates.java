package io.farrier.keep.docker;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** Two self-signed CAs, valid for a hundred years. */
final class Certificates {
    static final byte[] CA = read("ca.crt");
    static final byte[] OTHER_CA = read("other-ca.crt");

    private Certificates() {}

    private static byte[] read(String name) {
        try (InputStream in = Objects.requireNonNull(Certificates.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
