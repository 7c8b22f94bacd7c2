package io.farrier.pki;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server's certificate, judged as Go judges it (crypto/x509 {@code Certificate.Verify} and {@code VerifyHostname}):
 * first its dates, then its names. Dockerd and containerd refuse what is refused here; the JDK does not.
 */
public final class ServerCertificate {
    private static final int DNS = 2; // GeneralName of RFC 5280, as getSubjectAlternativeNames numbers them
    private static final int IP = 7;
    private static final Pattern COMMON_NAME =
            Pattern.compile("(?:^|,)CN=((?:[^,\\\\]|\\\\.)*)", Pattern.CASE_INSENSITIVE);
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(?:\\.\\d{1,3}){3}");

    private final X509Certificate certificate;
    private final boolean hasAlternativeNames;
    private final List<String> dnsNames;
    private final List<String> addresses;

    /** @param words Go's own */
    public record Fault(Kind kind, String words) {
        public enum Kind {
            EXPIRED,
            NOT_YET_VALID,
            WRONG_NAME,
            COMMON_NAME_ONLY
        }
    }

    private ServerCertificate(X509Certificate certificate, Collection<List<?>> names, boolean hasAlternativeNames) {
        this.certificate = certificate;
        this.hasAlternativeNames = hasAlternativeNames;
        this.dnsNames = texts(names, DNS);
        this.addresses = texts(names, IP);
    }

    public static ServerCertificate of(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return new ServerCertificate(certificate, names == null ? List.of() : names, names != null);
        } catch (CertificateParsingException unreadable) {
            return new ServerCertificate(certificate, List.of(), true);
        }
    }

    private static List<String> texts(Collection<List<?>> names, int kind) {
        List<String> texts = new ArrayList<>();
        for (List<?> name : names) {
            if (name.get(0).equals(kind)) {
                texts.add(String.valueOf(name.get(1)));
            }
        }
        return List.copyOf(texts);
    }

    /**
     * The first fault Go would name when it connects to {@code host} at {@code now}; empty when dates and names are fine.
     *
     * @param host a name, or an address without brackets
     */
    public Optional<Fault> faultFor(String host, Instant now) {
        return dates(now).or(() -> names(host));
    }

    private Optional<Fault> dates(Instant now) {
        String words = "x509: certificate has expired or is not yet valid: current time " + now + " is ";
        Instant after = certificate.getNotAfter().toInstant();
        if (now.isAfter(after)) {
            return Optional.of(new Fault(Fault.Kind.EXPIRED, words + "after " + after));
        }
        Instant before = certificate.getNotBefore().toInstant();
        return now.isBefore(before)
                ? Optional.of(new Fault(Fault.Kind.NOT_YET_VALID, words + "before " + before))
                : Optional.empty();
    }

    private Optional<Fault> names(String host) {
        boolean fits = isAddress(host) ? hasAddress(host) : dnsNames.stream().anyMatch(name -> covers(name, host));
        if (fits) {
            return Optional.empty();
        }
        if (!hasAlternativeNames
                && commonName().filter(name -> covers(name, host)).isPresent()) {
            return Optional.of(new Fault(
                    Fault.Kind.COMMON_NAME_ONLY,
                    "x509: certificate relies on legacy Common Name field, use SANs instead"));
        }
        return Optional.of(new Fault(Fault.Kind.WRONG_NAME, "x509: " + wrongName(host)));
    }

    private String wrongName(String host) {
        if (isAddress(host) && addresses.isEmpty()) {
            return "cannot validate certificate for " + host + " because it doesn't contain any IP SANs";
        }
        List<String> valid = isAddress(host) ? addresses : dnsNames;
        return valid.isEmpty()
                ? "certificate is not valid for any names, but wanted to match " + host
                : "certificate is valid for " + String.join(", ", valid) + ", not " + host;
    }

    private static boolean isAddress(String host) {
        return host.indexOf(':') >= 0 || IPV4.matcher(host).matches();
    }

    /** Both are literals, so nothing is looked up. */
    private boolean hasAddress(String host) {
        return addresses.stream().anyMatch(address -> sameAddress(address, host));
    }

    private static boolean sameAddress(String a, String b) {
        try {
            return java.net.InetAddress.getByName(a).equals(java.net.InetAddress.getByName(b));
        } catch (java.net.UnknownHostException e) {
            return false;
        }
    }

    /** {@code *.x} stands for exactly one left-most label; a trailing dot of the host does not count. */
    private static boolean covers(String pattern, String host) {
        String wanted = host.toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
        String offered = pattern.toLowerCase(Locale.ROOT);
        if (!offered.startsWith("*.")) {
            return offered.equals(wanted);
        }
        int dot = wanted.indexOf('.');
        return dot > 0 && wanted.substring(dot).equals(offered.substring(1));
    }

    private Optional<String> commonName() {
        Matcher name = COMMON_NAME.matcher(certificate.getSubjectX500Principal().getName());
        return name.find() ? Optional.of(name.group(1)) : Optional.empty();
    }
}
