package io.farrier.route;

import java.util.Optional;

/** What both rules of containerd have in common. */
final class Endpoints {
    static final String HUB = "docker.io";
    static final String HUB_SERVER = "registry-1.docker.io";

    private Endpoints() {}

    /** Without its port, and without the brackets of an IPv6 address. */
    static String nameOf(String host) {
        if (host.startsWith("[")) {
            return host.substring(1, Math.max(1, host.indexOf(']')));
        }
        int colon = host.indexOf(':');
        return colon < 0 ? host : host.substring(0, colon);
    }

    /** containerd {@code docker.IsLocalhost}: by the name alone. */
    static boolean isLocalhost(String host) {
        String name = nameOf(host);
        return name.equals("localhost") || name.startsWith("127.") || name.equals("::1");
    }

    /** Where a registry is when nobody says anything else. */
    static String serverOf(String registry) {
        return registry.equals(HUB) ? HUB_SERVER : registry;
    }

    /** {@code isProxy} of containerd's resolver: whoever is not the registry itself is told whose image is meant. */
    static Optional<String> namespace(String registry, String host) {
        boolean isItself = host.equals(registry) || (registry.equals(HUB) && host.equals(HUB_SERVER));
        return isItself ? Optional.empty() : Optional.of(registry);
    }
}
