package io.farrier.pki;

import java.security.PublicKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.RSAKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * What a certificate says of itself, in the words openssl and Go use.
 *
 * @param names of the subject alternative name: host names and addresses, then others with their kind
 * @param key such as {@code EC 256} or {@code RSA 2048}
 * @param signature such as {@code SHA256withECDSA}
 * @param keyUsage empty when the certificate restricts nothing
 * @param purposes its extended key usage: {@code server}, {@code client}, else an OID; empty when it restricts nothing
 */
public record CertificateDetails(
        List<String> names,
        String key,
        int keyBits,
        String signature,
        boolean isSelfSigned,
        List<String> keyUsage,
        List<String> purposes) {
    /** In the order of the bits (RFC 5280, section 4.2.1.3). */
    private static final List<String> KEY_USAGE = List.of(
            "digital signature",
            "content commitment",
            "key encipherment",
            "data encipherment",
            "key agreement",
            "certificate signing",
            "CRL signing",
            "encipher only",
            "decipher only");

    private static final int CERTIFICATE_SIGNING = 5;
    static final String ANY_PURPOSE = "any";
    static final String SERVER = "server";
    private static final Map<String, String> PURPOSES =
            Map.of("1.3.6.1.5.5.7.3.1", SERVER, "1.3.6.1.5.5.7.3.2", "client", "2.5.29.37.0", ANY_PURPOSE);

    /** GeneralName of RFC 5280, as the JDK numbers its kinds. */
    private static final Map<Integer, String> NAME_KINDS =
            Map.of(0, "other", 1, "mail", 2, "", 3, "x400", 4, "directory", 5, "edi", 6, "uri", 7, "", 8, "oid");

    public CertificateDetails {
        names = List.copyOf(names);
        keyUsage = List.copyOf(keyUsage);
        purposes = List.copyOf(purposes);
    }

    public static CertificateDetails of(Certificate certificate) {
        X509Certificate x509 = certificate.x509();
        return new CertificateDetails(
                names(x509),
                key(x509.getPublicKey()),
                bits(x509.getPublicKey()),
                x509.getSigAlgName(),
                certificate.isSignedBy(certificate),
                keyUsage(x509.getKeyUsage()),
                purposes(x509));
    }

    boolean maySignCertificates() {
        return keyUsage.isEmpty() || keyUsage.contains(KEY_USAGE.get(CERTIFICATE_SIGNING));
    }

    boolean mayServe() {
        return purposes.isEmpty() || purposes.contains(SERVER) || purposes.contains(ANY_PURPOSE);
    }

    private static List<String> names(X509Certificate x509) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> alternatives = x509.getSubjectAlternativeNames();
            for (List<?> name : alternatives == null ? List.<List<?>>of() : alternatives) {
                String kind = NAME_KINDS.getOrDefault((Integer) name.get(0), "other");
                // What is no text here is the DER of a name nobody dials.
                String text = name.get(1) instanceof String string ? string : "(binary)";
                names.add(kind.isEmpty() ? text : kind + ":" + text);
            }
        } catch (CertificateParsingException unreadable) {
            names.add("(unreadable)");
        }
        return names;
    }

    private static String key(PublicKey key) {
        int bits = bits(key);
        return bits == 0 ? key.getAlgorithm() : key.getAlgorithm() + " " + bits;
    }

    /** 0 where the algorithm alone says it, as for Ed25519. */
    private static int bits(PublicKey key) {
        if (key instanceof RSAKey rsa) {
            return rsa.getModulus().bitLength();
        }
        return key instanceof ECKey ec ? ec.getParams().getOrder().bitLength() : 0;
    }

    private static List<String> keyUsage(boolean @org.jspecify.annotations.Nullable [] bits) {
        List<String> usages = new ArrayList<>();
        for (int bit = 0; bits != null && bit < Math.min(bits.length, KEY_USAGE.size()); bit++) {
            if (bits[bit]) {
                usages.add(KEY_USAGE.get(bit));
            }
        }
        return usages;
    }

    private static List<String> purposes(X509Certificate x509) {
        try {
            List<String> oids = x509.getExtendedKeyUsage();
            return oids == null
                    ? List.of()
                    : oids.stream().map(oid -> PURPOSES.getOrDefault(oid, oid)).toList();
        } catch (CertificateParsingException unreadable) {
            return List.of("(unreadable)");
        }
    }
}
