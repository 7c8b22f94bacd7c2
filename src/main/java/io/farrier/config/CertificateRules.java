package io.farrier.config;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.farrier.pki.Certificate;
import io.farrier.pki.PrivateKeys;
import io.farrier.secret.Secret;
import java.util.List;

/** Rules about certificates that a section names. */
final class CertificateRules {
    private CertificateRules() {}

    /** A certificate and a key that do not belong together make every handshake fail. */
    static void checkPair(
            Values values, Property<FileType.Content<List<Certificate>>> cert, Property<FileType.Content<Secret>> key) {
        if (values.find(cert).isEmpty() || values.find(key).isEmpty()) {
            return;
        }
        Certificate leaf = values.get(cert).value().get(0);
        byte[] pem = values.get(key).value().reveal().getBytes(US_ASCII);
        if (!PrivateKeys.belongsTo(leaf, PrivateKeys.parsePem(pem))) {
            values.problem(key, "is not the key of '" + cert.name() + "'; with such a pair every handshake fails");
        }
        warnOfExpiry(values, cert, List.of(leaf));
    }

    /** An expired certificate helps nobody, but a node must not lose its configuration because a date passed. */
    static void warnOfExpiry(Values values, Property<?> property, List<Certificate> certificates) {
        for (Certificate certificate : certificates) {
            if (certificate.hasExpired(values.reading().now())) {
                values.warning(
                        property, "holds '" + certificate.subject() + "', which expired " + certificate.notAfter());
            }
        }
    }
}
