package io.farrier.pki;

import io.farrier.pki.CertificateFault.Kind;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Whether a certificate is for a host: {@code VerifyHostname} of crypto/x509. */
final class HostNames {
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(?:\\.\\d{1,3}){3}");
    private static final int GROUPS = 8;

    private HostNames() {}

    /** @param host a name, or an address without brackets */
    static Optional<CertificateFault> fault(GoCertificate certificate, String host) {
        Optional<InetAddress> address = address(host);
        boolean fits = address.isPresent()
                ? certificate.addresses().contains(address.get())
                : certificate.dnsNames().stream().anyMatch(name -> covers(name, host));
        if (fits) {
            return Optional.empty();
        }
        if (!certificate.hasNames()
                && certificate.commonName().filter(name -> covers(name, host)).isPresent()) {
            return Optional.of(new CertificateFault(
                    Kind.COMMON_NAME_ONLY, "x509: certificate relies on legacy Common Name field, use SANs instead"));
        }
        return Optional.of(address.isPresent() ? wrongAddress(certificate, host) : wrongName(certificate, host));
    }

    private static CertificateFault wrongAddress(GoCertificate certificate, String host) {
        return certificate.addresses().isEmpty()
                ? new CertificateFault(
                        Kind.NO_IP_NAME,
                        "x509: cannot validate certificate for " + host + " because it doesn't contain any IP SANs")
                : wrong(certificate.addresses().stream().map(HostNames::text).collect(Collectors.joining(", ")), host);
    }

    private static CertificateFault wrongName(GoCertificate certificate, String host) {
        List<String> names = certificate.dnsNames();
        return names.isEmpty()
                ? new CertificateFault(
                        Kind.WRONG_NAME, "x509: certificate is not valid for any names, but wanted to match " + host)
                : wrong(String.join(", ", names), host);
    }

    private static CertificateFault wrong(String valid, String host) {
        return new CertificateFault(Kind.WRONG_NAME, "x509: certificate is valid for " + valid + ", not " + host);
    }

    /** A literal; nothing is looked up. */
    private static Optional<InetAddress> address(String host) {
        if (host.indexOf(':') < 0 && !IPV4.matcher(host).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(host));
        } catch (UnknownHostException noAddress) {
            return Optional.empty();
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

    static String text(InetAddress address) {
        return text(address.getAddress());
    }

    /** As Go prints addresses, RFC 5952: the longest run of zero groups is {@code ::}. */
    static String text(byte[] address) {
        try {
            String plain = InetAddress.getByAddress(address).getHostAddress();
            return address.length == 2 * GROUPS && plain.indexOf(':') >= 0 ? shortened(plain.split(":")) : plain;
        } catch (UnknownHostException notFourAndNotSixteenBytes) {
            return "?";
        }
    }

    private static String shortened(String[] groups) {
        int start = -1;
        int longest = 1; // a single zero group stays
        for (int i = 0; i < GROUPS; i++) {
            int end = i;
            while (end < GROUPS && groups[end].equals("0")) {
                end++;
            }
            if (end - i > longest) {
                start = i;
                longest = end - i;
            }
        }
        if (start < 0) {
            return String.join(":", groups);
        }
        List<String> all = List.of(groups);
        return String.join(":", all.subList(0, start)) + "::" + String.join(":", all.subList(start + longest, GROUPS));
    }
}
