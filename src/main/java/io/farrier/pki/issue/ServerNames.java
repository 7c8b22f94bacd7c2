package io.farrier.pki.issue;

import io.farrier.node.HostName;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.bouncycastle.util.IPAddress;

/**
 * The names a server's certificate is good for.
 *
 * @param dns lower-case host names, the first label may be {@code *}
 * @param addresses IPv4 and IPv6 literals as {@link InetAddress#getHostAddress()} writes them, without scope
 */
public record ServerNames(SortedSet<String> dns, SortedSet<String> addresses) {
    private static final int SAN_DNS = 2;
    private static final int SAN_ADDRESS = 7;
    private static final int MAX_DNS_LENGTH = 253;
    private static final Pattern DNS = Pattern.compile(
            "(?:\\*\\.)?[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*");

    private static final ServerNames LOOPBACK = of(List.of("localhost", "127.0.0.1", "::1"));

    public ServerNames {
        dns = Collections.unmodifiableSortedSet(new TreeSet<>(dns));
        addresses = Collections.unmodifiableSortedSet(new TreeSet<>(addresses));
    }

    /**
     * Host names and addresses as people write them, IPv6 with or without brackets.
     *
     * @throws IllegalArgumentException with a sentence that names the one that is neither
     */
    public static ServerNames of(Collection<String> names) {
        SortedSet<String> dns = new TreeSet<>();
        SortedSet<String> addresses = new TreeSet<>();
        for (String name : names) {
            String bare = withoutBrackets(name.trim());
            if (IPAddress.isValid(bare)) {
                addresses.add(canonical(bare));
            } else {
                dns.add(dnsName(bare));
            }
        }
        return new ServerNames(dns, addresses);
    }

    /** Loopback, the host name, and every address that another machine could use for this one. */
    public static ServerNames ofThisMachine() {
        ServerNames names = LOOPBACK;
        try {
            names = names.and(new ServerNames(new TreeSet<>(), localAddresses()));
            names = names.and(of(List.of(HostName.ofThisNode())));
        } catch (SocketException | IllegalArgumentException unknown) {
            // A machine whose name is none for DNS is still reached by its addresses.
            return names;
        }
        return names;
    }

    /** The names in the SAN of {@code certificate}; its common name counts for nothing, as with Go. */
    public static ServerNames in(X509Certificate certificate) {
        SortedSet<String> dns = new TreeSet<>();
        SortedSet<String> addresses = new TreeSet<>();
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            for (List<?> name : names == null ? List.<List<?>>of() : names) {
                if (name.get(0).equals(SAN_DNS)) {
                    dns.add(String.valueOf(name.get(1)).toLowerCase(Locale.ROOT));
                } else if (name.get(0).equals(SAN_ADDRESS)) {
                    addresses.add(canonical(String.valueOf(name.get(1))));
                }
            }
        } catch (CertificateParsingException noReadableNames) {
            return new ServerNames(new TreeSet<>(), new TreeSet<>());
        }
        return new ServerNames(dns, addresses);
    }

    public ServerNames and(ServerNames others) {
        SortedSet<String> allDns = new TreeSet<>(dns);
        allDns.addAll(others.dns);
        SortedSet<String> allAddresses = new TreeSet<>(addresses);
        allAddresses.addAll(others.addresses);
        return new ServerNames(allDns, allAddresses);
    }

    public boolean covers(ServerNames others) {
        return dns.containsAll(others.dns) && addresses.containsAll(others.addresses);
    }

    private static SortedSet<String> localAddresses() throws SocketException {
        SortedSet<String> addresses = new TreeSet<>();
        for (NetworkInterface device : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            for (InetAddress address : Collections.list(device.getInetAddresses())) {
                // Link-local addresses come and go with every container, and need a scope that no certificate can hold.
                if (!address.isLinkLocalAddress()) {
                    addresses.add(withoutScope(address));
                }
            }
        }
        return addresses;
    }

    private static String dnsName(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.length() > MAX_DNS_LENGTH || !DNS.matcher(lower).matches()) {
            throw new IllegalArgumentException(
                    "'" + name + "' is neither a host name nor an IP address; expected such as collector.example,"
                            + " 10.0.0.5 or 2001:db8::5");
        }
        return lower;
    }

    private static String withoutBrackets(String name) {
        return name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
    }

    private static String canonical(String literal) {
        try {
            return withoutScope(InetAddress.getByName(literal));
        } catch (UnknownHostException notALiteral) {
            throw new IllegalArgumentException("'" + literal + "' is not an IP address", notALiteral);
        }
    }

    private static String withoutScope(InetAddress address) {
        String text = address.getHostAddress();
        int scope = text.indexOf('%');
        return scope < 0 ? text : text.substring(0, scope);
    }
}
