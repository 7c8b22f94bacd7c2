package io.farrier.pki;

import io.farrier.image.ByContent;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Certificates as PEM files hold them. */
public final class Certificates {
    static final String LABEL = "CERTIFICATE";

    private static final ByContent<List<Certificate>> PARSED = new ByContent<>();
    private static final ByContent<List<Certificate>> TAKEN_BY_GO = new ByContent<>();

    private Certificates() {}

    /**
     * All certificates of a PEM file, at least one. Docker ignores a {@code .crt} that it cannot parse, without a word,
     * and says "unknown authority" at the next pull; so whatever is not a certificate is refused here.
     *
     * @throws InvalidPemException with one line that says what is there instead
     */
    public static List<Certificate> parsePem(byte[] pem) {
        return PARSED.of(pem, Certificates::parseAll);
    }

    private static List<Certificate> parseAll(byte[] pem) {
        List<PemBlock> blocks = PemBlock.parseAll(pem);
        if (blocks.stream().noneMatch(block -> block.label().equals(LABEL))) {
            throw new InvalidPemException("holds no certificate: " + PemBlock.firstLine(pem));
        }
        List<Certificate> certificates = new ArrayList<>();
        for (PemBlock block : blocks) {
            certificates.add(parse(block));
        }
        return List.copyOf(certificates);
    }

    /**
     * What Go's {@code AppendCertsFromPEM} takes of a PEM file: it ignores what it cannot read. For files of others, which
     * dockerd reads so; may be empty.
     */
    public static List<Certificate> takenByGo(byte[] pem) {
        return TAKEN_BY_GO.of(pem, Certificates::takeAsGoDoes);
    }

    private static List<Certificate> takeAsGoDoes(byte[] pem) {
        List<Certificate> certificates = new ArrayList<>();
        for (PemBlock block : PemBlock.takenByGo(pem)) {
            try {
                certificates.add(parse(block));
            } catch (InvalidPemException skippedByGoAsWell) {
                continue;
            }
        }
        return List.copyOf(certificates);
    }

    /** The normal form of a PEM file: each certificate once, in order, 64 characters a line, nothing between them. */
    public static String toPem(List<Certificate> certificates) {
        return certificates.stream().distinct().map(Certificate::pem).collect(Collectors.joining());
    }

    /** Whether two PEM files hold the same certificates. Order, line width and text around them are no difference. */
    public static boolean areSame(byte[] onePem, byte[] otherPem) {
        try {
            return set(onePem).equals(set(otherPem));
        } catch (InvalidPemException notComparable) {
            return false;
        }
    }

    private static Set<Certificate> set(byte[] pem) {
        return new LinkedHashSet<>(parsePem(pem));
    }

    private static Certificate parse(PemBlock block) {
        if (block.label().endsWith("PRIVATE KEY")) {
            throw new InvalidPemException("holds a private key in line " + block.line()
                    + " beside its certificates; everyone may read this file, so take the key out");
        }
        if (!block.label().equals(LABEL)) {
            throw new InvalidPemException("has '-----BEGIN " + block.label() + "-----' in line " + block.line()
                    + ", which Docker does not read; only '-----BEGIN CERTIFICATE-----' counts");
        }
        try {
            X509Certificate x509 = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(block.der()));
            // Go refuses trailing bytes, Java reads on as if they were not there.
            if (x509.getEncoded().length != block.der().length) {
                throw new InvalidPemException(
                        "is damaged: the certificate in line " + block.line() + " is followed by other bytes");
            }
            return new Certificate(x509, block.der());
        } catch (CertificateException notACertificate) {
            throw new InvalidPemException("is damaged: what begins in line " + block.line() + " is not a certificate");
        }
    }
}
