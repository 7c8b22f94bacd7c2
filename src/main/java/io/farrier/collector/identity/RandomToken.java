package io.farrier.collector.identity;

import java.security.SecureRandom;
import java.util.Base64;

/** What nobody guesses: 256 random bits, as text that goes into a header, a cookie or a file. */
final class RandomToken {
    private static final int BYTES = 32;

    private RandomToken() {}

    static String make(SecureRandom random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
