package io.farrier.pki;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Which names a CA may sign for (RFC 5280, section 4.2.1.10), as Go reads it: names of hosts and addresses. */
record NameConstraints(List<Der> permitted, List<Der> excluded) {
    private static final int PERMITTED = 0;
    private static final int EXCLUDED = 1;
    private static final int DNS = 2;
    private static final int IP = 7;
    private static final String FORBIDDEN =
            "x509: a root or intermediate certificate is not authorized to sign for this name: ";

    static NameConstraints parse(Der extension) {
        List<Der> permitted = new ArrayList<>();
        List<Der> excluded = new ArrayList<>();
        for (Der list : extension.children()) {
            List<Der> into = list.number() == PERMITTED ? permitted : excluded;
            if (list.number() <= EXCLUDED) {
                list.children()
                        .forEach(subtree ->
                                subtree.children().stream().findFirst().ifPresent(into::add));
            }
        }
        return new NameConstraints(permitted, excluded);
    }

    /** Go's words for the first name that this CA may not sign for. */
    Optional<String> objection(GoCertificate certificate) {
        for (String name : certificate.dnsNames()) {
            Optional<String> objection = objection(DNS, "DNS name", name, one -> coversName(one.text(), name));
            if (objection.isPresent()) {
                return objection;
            }
        }
        for (InetAddress address : certificate.addresses()) {
            Optional<String> objection =
                    objection(IP, "IP address", HostNames.text(address), one -> coversAddress(one.content(), address));
            if (objection.isPresent()) {
                return objection;
            }
        }
        return Optional.empty();
    }

    private interface Cover {
        boolean of(Der constraint);
    }

    private Optional<String> objection(int kind, String type, String name, Cover cover) {
        for (Der constraint : excluded) {
            if (constraint.number() == kind && cover.of(constraint)) {
                return Optional.of(FORBIDDEN + type + " \"" + name + "\" is excluded by constraint \""
                        + text(kind, constraint) + "\"");
            }
        }
        List<Der> ofKind =
                permitted.stream().filter(each -> each.number() == kind).toList();
        return ofKind.isEmpty() || ofKind.stream().anyMatch(cover::of)
                ? Optional.empty()
                : Optional.of(FORBIDDEN + type + " \"" + name + "\" is not permitted by any constraint");
    }

    private static String text(int kind, Der constraint) {
        return kind == DNS ? constraint.text() : network(constraint.content());
    }

    private static String network(byte[] bytes) {
        int half = bytes.length / 2;
        int bits = 0;
        for (int i = half; i < bytes.length; i++) {
            bits += Integer.bitCount(bytes[i] & 0xff);
        }
        return HostNames.text(Arrays.copyOf(bytes, half)) + "/" + bits;
    }

    /** {@code matchDomainConstraint}: a leading dot asks for at least one label more. */
    private static boolean coversName(String constraint, String name) {
        if (constraint.isEmpty()) {
            return true;
        }
        String wanted = constraint.toLowerCase(Locale.ROOT);
        String offered = name.toLowerCase(Locale.ROOT);
        return wanted.startsWith(".")
                ? offered.endsWith(wanted)
                : offered.equals(wanted) || offered.endsWith("." + wanted);
    }

    private static boolean coversAddress(byte[] constraint, InetAddress address) {
        byte[] bytes = address.getAddress();
        if (constraint.length != 2 * bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            int mask = constraint[bytes.length + i];
            if ((bytes[i] & mask) != (constraint[i] & mask)) {
                return false;
            }
        }
        return true;
    }
}
