package io.farrier.registry;

import io.farrier.image.RegistryHost;
import io.farrier.secret.Secret;
import io.farrier.transport.Trust;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/**
 * How one registry is talked to.
 *
 * @param trust kept for as long as the registry is configured: connections are pooled by it
 * @param insecure as dockerd means it: HTTPS whoever answers, else plain HTTP
 * @param realmHosts hosts besides the registry's own that may be given the login for a token
 */
public record Registry(
        RegistryHost host, Trust trust, boolean insecure, Optional<Login> login, Set<String> realmHosts) {
    public Registry {
        realmHosts = Set.copyOf(realmHosts);
    }

    public record Login(String username, Secret password) {}

    /**
     * Verified with the system's roots and these.
     *
     * @param ca PEM, empty for the system's roots alone
     */
    public static Registry trusting(RegistryHost host, byte[] ca, Optional<Login> login) throws IOException {
        return new Registry(host, ca.length == 0 ? Trust.ofSystem() : Trust.withCa(ca), false, login, Set.of());
    }

    /** Not verified at all. */
    public static Registry insecure(RegistryHost host, Optional<Login> login) {
        return new Registry(host, Trust.blind(), true, login, Set.of());
    }

    /** The same, with token servers on other hosts that may be given the login. */
    public Registry withRealmHosts(Set<String> hosts) {
        return new Registry(host, trust, insecure, login, hosts);
    }

    /** The same, presenting a client certificate (PEM) when it asks for one. */
    public Registry withClient(byte[] certificate, Secret key) {
        return new Registry(host, trust.withClient(certificate, key), insecure, login, realmHosts);
    }

    /** Docker Hub serves its registry under another name than the one in references. */
    String name() {
        return host.equals(RegistryHost.DOCKER_HUB) ? "registry-1.docker.io" : host.name();
    }

    int port() {
        return host.port().orElse(443);
    }
}
