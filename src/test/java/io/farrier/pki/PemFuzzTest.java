package io.farrier.pki;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Whatever bytes a file holds: certificates, or one line that says why not. */
class PemFuzzTest {
    @FuzzTest
    void certificates(byte[] bytes) {
        try {
            byte[] again = Certificates.toPem(Certificates.parsePem(bytes)).getBytes(StandardCharsets.US_ASCII);
            if (!Certificates.areSame(bytes, again)) {
                throw new AssertionError("the normal form holds other certificates");
            }
        } catch (InvalidPemException refused) {
            check(refused);
        }
    }

    @FuzzTest
    void privateKey(byte[] bytes) {
        try {
            PrivateKeys.parsePem(bytes);
        } catch (InvalidPemException refused) {
            check(refused);
        }
    }

    private static void check(InvalidPemException refused) {
        if (refused.getMessage() == null || refused.getMessage().chars().anyMatch(Character::isISOControl)) {
            throw new AssertionError("not one clear line: " + refused.getMessage());
        }
    }
}
