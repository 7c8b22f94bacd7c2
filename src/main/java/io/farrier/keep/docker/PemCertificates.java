package io.farrier.keep.docker;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The certificates of a PEM file as Go's AppendCertsFromPEM takes them: text between the blocks, line width and blocks that
 * cannot be read make no difference.
 */
record PemCertificates(List<X509Certificate> certificates) {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\\s]*)-----END CERTIFICATE-----");
    private static final int SHOWN_FINGERPRINT_CHARS = 12;

    static PemCertificates parse(byte[] pem) {
        List<X509Certificate> certificates = new ArrayList<>();
        Matcher block = BLOCK.matcher(new String(pem, StandardCharsets.ISO_8859_1));
        while (block.find()) {
            add(block.group(1), certificates);
        }
        return new PemCertificates(certificates);
    }

    private static void add(String base64, List<X509Certificate> certificates) {
        try {
            byte[] der = Base64.getMimeDecoder().decode(base64);
            certificates.add((X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der)));
        } catch (CertificateException | IllegalArgumentException skippedByGoAsWell) {
            return;
        }
    }

    boolean isEmpty() {
        return certificates.isEmpty();
    }

    /** SHA-256 of each, in hex. */
    SortedSet<String> fingerprints() {
        return certificates.stream().map(PemCertificates::fingerprint).collect(Collectors.toCollection(TreeSet::new));
    }

    /** {@code CN=Registry CA until 2030-01-01 (sha256 0a1b2c3d4e5f)}, one after the other. */
    String text() {
        return certificates.stream()
                .map(certificate -> certificate.getSubjectX500Principal().getName() + " until "
                        + LocalDate.ofInstant(certificate.getNotAfter().toInstant(), ZoneOffset.UTC) + " (sha256 "
                        + fingerprint(certificate).substring(0, SHOWN_FINGERPRINT_CHARS) + ")")
                .collect(Collectors.joining(", "));
    }

    private static String fingerprint(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (CertificateException | NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("a parsed certificate has an encoding", impossible);
        }
    }
}
