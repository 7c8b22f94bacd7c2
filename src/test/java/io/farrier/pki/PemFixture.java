package io.farrier.pki;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Certificates and keys that openssl made for tests alone; they guard nothing. */
public final class PemFixture {
    private PemFixture() {}

    public static byte[] bytes(String name) {
        try (InputStream in = PemFixture.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalArgumentException("no fixture named " + name);
            }
            return in.readAllBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
