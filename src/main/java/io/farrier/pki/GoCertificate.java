package io.farrier.pki;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A certificate with the fields that crypto/x509 looks at, filled as its parser fills them. */
final class GoCertificate {
    private static final String SUBJECT_KEY = "2.5.29.14";
    private static final String SUBJECT_NAMES = "2.5.29.17";
    private static final String BASIC_CONSTRAINTS = "2.5.29.19";
    private static final String NAME_CONSTRAINTS = "2.5.29.30";
    private static final String AUTHORITY_KEY = "2.5.29.35";

    /** Those of parser.go, {@code processExtensions}; any other that is critical is unhandled. */
    private static final Set<String> HANDLED = Set.of(
            "2.5.29.15",
            SUBJECT_NAMES,
            BASIC_CONSTRAINTS,
            NAME_CONSTRAINTS,
            "2.5.29.31",
            AUTHORITY_KEY,
            "2.5.29.37",
            SUBJECT_KEY,
            "2.5.29.32",
            "1.3.6.1.5.5.7.1.1");

    private static final int CERT_SIGN = 5; // bit of keyUsage, RFC 5280 section 4.2.1.3
    private static final int DNS = 2; // GeneralName of RFC 5280
    private static final int IP = 7;

    private final X509Certificate x509;
    private final String fingerprint;
    private final List<String> dnsNames = new ArrayList<>();
    private final List<InetAddress> addresses = new ArrayList<>();
    private final Optional<NameConstraints> constraints;

    GoCertificate(X509Certificate x509) {
        this.x509 = x509;
        this.fingerprint = Certificate.of(x509).fingerprint();
        readNames();
        this.constraints = extension(NAME_CONSTRAINTS).map(NameConstraints::parse);
    }

    private void readNames() {
        for (Der name : extension(SUBJECT_NAMES).map(Der::children).orElse(List.of())) {
            if (name.number() == DNS) {
                dnsNames.add(name.text());
            } else if (name.number() == IP) {
                address(name.content()).ifPresent(addresses::add);
            }
        }
    }

    private static Optional<InetAddress> address(byte[] bytes) {
        try {
            return Optional.of(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException notFourAndNotSixteenBytes) {
            return Optional.empty();
        }
    }

    X509Certificate x509() {
        return x509;
    }

    List<String> dnsNames() {
        return dnsNames;
    }

    List<InetAddress> addresses() {
        return addresses;
    }

    boolean hasNames() {
        return x509.getExtensionValue(SUBJECT_NAMES) != null;
    }

    boolean isIssuedBy(GoCertificate parent) {
        return x509.getIssuerX500Principal().equals(parent.x509.getSubjectX500Principal());
    }

    /** {@code alreadyInChain}: a loop of cross-signatures is one certificate. */
    boolean isLike(GoCertificate other) {
        return x509.getSubjectX500Principal().equals(other.x509.getSubjectX500Principal())
                && x509.getPublicKey().equals(other.x509.getPublicKey())
                && Arrays.equals(x509.getExtensionValue(SUBJECT_NAMES), other.x509.getExtensionValue(SUBJECT_NAMES));
    }

    boolean hasUnknownCriticalExtension() {
        Set<String> critical = x509.getCriticalExtensionOIDs();
        return critical != null && !HANDLED.containsAll(critical);
    }

    /** basicConstraints are there, CA or not. */
    boolean hasBasicConstraints() {
        return x509.getExtensionValue(BASIC_CONSTRAINTS) != null;
    }

    boolean isCa() {
        return x509.getBasicConstraints() >= 0;
    }

    /** {@link Integer#MAX_VALUE} for no limit. */
    int maxPathLength() {
        return isCa() ? x509.getBasicConstraints() : Integer.MAX_VALUE;
    }

    /** {@code CheckSignatureFrom}: whether it is allowed to have signed anything. */
    boolean mayHaveSigned() {
        boolean isVersion3 = x509.getVersion() == 3;
        if ((isVersion3 || hasBasicConstraints()) && !isCa()) {
            return false;
        }
        boolean[] usage = x509.getKeyUsage();
        return usage == null || usage[CERT_SIGN];
    }

    Optional<NameConstraints> constraints() {
        return constraints;
    }

    /** Empty when any usage is fine. */
    List<String> extendedKeyUsages() {
        try {
            List<String> usages = x509.getExtendedKeyUsage();
            return usages == null ? List.of() : usages;
        } catch (CertificateParsingException unreadable) {
            return List.of("unreadable");
        }
    }

    /** How well a parent fits by its key's id: 0 the same (or neither has one), 1 only one has one, 2 another one. */
    int keyMismatch(GoCertificate parent) {
        byte[] wanted = authorityKey();
        byte[] has = parent.subjectKey();
        if (Arrays.equals(wanted, has)) {
            return 0;
        }
        return wanted.length == 0 || has.length == 0 ? 1 : 2;
    }

    private byte[] subjectKey() {
        return extension(SUBJECT_KEY).map(Der::content).orElseGet(() -> new byte[0]);
    }

    private byte[] authorityKey() {
        return extension(AUTHORITY_KEY)
                .flatMap(sequence -> sequence.children().stream()
                        .filter(each -> each.number() == 0)
                        .findFirst())
                .map(Der::content)
                .orElseGet(() -> new byte[0]);
    }

    /** As Go names a certificate in a hint: its common name, else its first organisation, else its number. */
    String displayName() {
        String subject = x509.getSubjectX500Principal().getName();
        return attribute(subject, "CN", false)
                .or(() -> attribute(subject, "O", true))
                .orElseGet(() -> "serial:" + x509.getSerialNumber());
    }

    Optional<String> commonName() {
        return attribute(x509.getSubjectX500Principal().getName(), "CN", false);
    }

    /** RFC 2253 writes the last first. Go takes the last common name, and the first organisation. */
    private static Optional<String> attribute(String subject, String type, boolean outermost) {
        Matcher each = Pattern.compile("(?:^|,|\\+)" + type + "=((?:[^,+\\\\]|\\\\.)*)")
                .matcher(subject);
        @Nullable String found = null;
        while (each.find() && (found == null || outermost)) {
            found = each.group(1).replaceAll("\\\\(.)", "$1");
        }
        return Optional.ofNullable(found).filter(text -> !text.isEmpty());
    }

    boolean hasNegativeSerial() {
        return x509.getSerialNumber().compareTo(BigInteger.ZERO) < 0;
    }

    private Optional<Der> extension(String oid) {
        byte[] value = x509.getExtensionValue(oid);
        return value == null ? Optional.empty() : Der.parse(value).flatMap(octets -> Der.parse(octets.content()));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof GoCertificate that && fingerprint.equals(that.fingerprint);
    }

    @Override
    public int hashCode() {
        return fingerprint.hashCode();
    }
}
