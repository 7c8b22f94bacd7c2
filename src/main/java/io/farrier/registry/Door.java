package io.farrier.registry;

import io.farrier.image.RegistryHost;
import io.farrier.pki.GoVersion;
import io.farrier.transport.Trust;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * One server as one runtime opens it.
 *
 * @param host as messages name it
 * @param name what is looked up and verified: without brackets
 * @param plain no TLS at all
 * @param trust with {@link Trust#blind()} nobody is verified
 * @param go whose words the verdict has
 */
public record Door(
        RegistryHost host,
        String name,
        int port,
        boolean plain,
        Trust trust,
        Optional<ProxyAddress> proxy,
        GoVersion go) {
    private static final int HTTPS = 443;
    private static final int HTTP = 80;
    private static final String DOCKER_HUB = "registry-1.docker.io";

    /** With TLS, without a proxy. */
    public static Door of(RegistryHost host, Trust trust, GoVersion go) {
        // Docker Hub serves its registry under another name than the one in references.
        String name = host.equals(RegistryHost.DOCKER_HUB) ? DOCKER_HUB : bare(host.name());
        return new Door(host, name, host.port().orElse(HTTPS), false, trust, Optional.empty(), go);
    }

    /** As farrier's own configuration has it, without a proxy, in the words of the newest runtime. */
    public static List<Door> of(Registry registry) {
        Door door = of(registry.host(), registry.trust(), GoVersion.NEWEST);
        return registry.insecure() ? List.of(door, door.withoutTls()) : List.of(door);
    }

    /** For what is said of a registry that could not even be asked. */
    public static Door unopened(RegistryHost host, GoVersion go) {
        return of(host, Trust.ofSystem(), go);
    }

    /** The same without TLS. */
    public Door withoutTls() {
        return new Door(host, name, host.port().orElse(HTTP), true, trust, proxy, go);
    }

    /** Where hops of a runtime's route lead: a name and its port need not be those of a registry in a reference. */
    public static Door at(RegistryHost host, boolean plain, Anchors anchors, Optional<ProxyAddress> proxy, GoVersion go)
            throws IOException {
        Door door = of(host, anchors.trust(), go).through(proxy);
        return plain ? door.withoutTls() : door;
    }

    private Door through(Optional<ProxyAddress> other) {
        return new Door(host, name, port, plain, trust, other, go);
    }

    /** Another server that this one sends its clients to. They take the trust in this one along. */
    Door to(String otherHost, int otherPort, boolean isPlain) {
        String shown = otherHost + ":" + otherPort;
        return new Door(new RegistryHost(shown), bare(otherHost), otherPort, isPlain, trust, proxy, go);
    }

    public boolean isVerified() {
        return !plain && !trust.isBlind();
    }

    /** {@code host:port}, as Go prints it after {@code dial tcp}. */
    String address() {
        return (name.indexOf(':') < 0 ? name : "[" + name + "]") + ":" + port;
    }

    public String url() {
        return (plain ? "http://" : "https://") + host;
    }

    private static String bare(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }
}
