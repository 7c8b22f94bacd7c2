package io.farrier.pki;

import io.farrier.image.Sha256;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** One X.509 certificate, known by its fingerprint: two that have the same bytes are the same. */
public final class Certificate {
    private static final int SHORT_FINGERPRINT_CHARS = 12;

    private final X509Certificate x509;
    private final byte[] der;
    private final String fingerprint;

    Certificate(X509Certificate x509, byte[] der) {
        this.x509 = x509;
        this.der = der;
        this.fingerprint = Sha256.hex(der);
    }

    /** A certificate that a TLS peer presented. */
    public static Certificate of(X509Certificate x509) {
        try {
            return new Certificate(x509, x509.getEncoded());
        } catch (CertificateEncodingException unencodable) {
            throw new IllegalArgumentException("a certificate that has no encoding", unencodable);
        }
    }

    /** As RFC 2253 writes it: {@code CN=Example CA,O=Example}. */
    public String subject() {
        return x509.getSubjectX500Principal().getName();
    }

    /** As RFC 2253 writes it. */
    public String issuer() {
        return x509.getIssuerX500Principal().getName();
    }

    public Instant notBefore() {
        return x509.getNotBefore().toInstant();
    }

    public Instant notAfter() {
        return x509.getNotAfter().toInstant();
    }

    public boolean hasExpired(Instant now) {
        return now.isAfter(notAfter());
    }

    /** True with {@code basicConstraints CA:TRUE}. Go also takes a trusted leaf for an anchor, so false is no fault. */
    public boolean isCa() {
        return x509.getBasicConstraints() >= 0;
    }

    /** Whether {@code authority}'s key made its signature; says nothing of dates or of what that key may be used for. */
    public boolean isSignedBy(Certificate authority) {
        try {
            x509.verify(authority.x509.getPublicKey());
            return true;
        } catch (GeneralSecurityException anotherAuthority) {
            return false;
        }
    }

    /** SHA-256 of the DER bytes, lower-case hex. */
    public String fingerprint() {
        return fingerprint;
    }

    /** SHA-256 of its public key's SubjectPublicKeyInfo, in base64: what curl's {@code --pinnedpubkey} compares. */
    public String publicKeyPin() {
        return Base64.getEncoder().encodeToString(Sha256.raw(x509.getPublicKey().getEncoded()));
    }

    public X509Certificate x509() {
        return x509;
    }

    /** Its one normal form: 64 characters a line, LF, no text around it. */
    public String pem() {
        return PemBlock.text(Certificates.LABEL, der);
    }

    /** For a line of a plan: {@code CN=Registry CA until 2030-01-01 (sha256 0a1b2c3d4e5f)}. */
    public String summary() {
        return subject() + " until " + LocalDate.ofInstant(notAfter(), ZoneOffset.UTC) + " (sha256 "
                + fingerprint.substring(0, SHORT_FINGERPRINT_CHARS) + ")";
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Certificate that && fingerprint.equals(that.fingerprint);
    }

    @Override
    public int hashCode() {
        return fingerprint.hashCode();
    }

    @Override
    public String toString() {
        return subject() + " (sha256:" + fingerprint + ")";
    }
}
