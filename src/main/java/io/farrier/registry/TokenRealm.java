package io.farrier.registry;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.util.Locale;
import java.util.Set;

/**
 * A token server a registry points to, after it was decided that asking it is safe. A hostile registry would name the
 * node's own loopback, a cloud's metadata address, or a server of its own to be told the login.
 */
record TokenRealm(URI uri, boolean mayHaveLogin) {
    private static final String METADATA_OVER_IPV6 = "fd00:ec2:0:0:0:0:0:254"; // unique local, so no rule covers it
    private static final Set<String> DOCKER_HUB_REALM = Set.of("auth.docker.io");

    /** @throws IOException when the realm may not be asked at all */
    static TokenRealm of(String text, Registry registry, Names names) throws IOException {
        URI uri = parse(text, registry);
        String host = uri.getHost();
        boolean own = host.equalsIgnoreCase(registry.name());
        if (!"https".equals(uri.getScheme())) {
            throw refused(registry, text, "is not https");
        }
        if (uri.getUserInfo() != null) {
            throw refused(registry, text, "carries a login");
        }
        if (!own) {
            forbidOwnNetwork(text, registry, names.resolve(host));
        }
        return new TokenRealm(uri, own || isAllowed(host, registry));
    }

    private static URI parse(String text, Registry registry) throws IOException {
        try {
            URI uri = URI.create(text);
            if (uri.getHost() == null || uri.getScheme() == null) {
                throw refused(registry, text, "is no URL");
            }
            return uri;
        } catch (IllegalArgumentException e) {
            throw refused(registry, text, "is no URL");
        }
    }

    private static boolean isAllowed(String host, Registry registry) {
        String name = host.toLowerCase(Locale.ROOT);
        return registry.realmHosts().contains(name)
                || (registry.name().equals("registry-1.docker.io") && DOCKER_HUB_REALM.contains(name));
    }

    private static void forbidOwnNetwork(String text, Registry registry, InetAddress[] addresses) throws IOException {
        for (InetAddress address : addresses) {
            if (isOwnNetwork(address)) {
                throw refused(registry, text, "leads to " + address.getHostAddress());
            }
        }
    }

    /** The node itself, or what a cloud serves to its machines (169.254.169.254, fd00:ec2::254). */
    static boolean isOwnNetwork(InetAddress address) {
        return address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isAnyLocalAddress()
                || address.isMulticastAddress()
                || address.getHostAddress().equals(METADATA_OVER_IPV6);
    }

    private static IOException refused(Registry registry, String text, String because) {
        String shown = text.length() > 200 ? text.substring(0, 200) + "..." : text;
        return new IOException(registry.host() + " asks to fetch a token from '" + shown + "', which " + because
                + "; farrier did not ask there.");
    }
}
