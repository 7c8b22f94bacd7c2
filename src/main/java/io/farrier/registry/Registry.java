package io.farrier.registry;

import io.farrier.image.RegistryHost;
import io.farrier.secret.Secret;
import io.farrier.transport.Trust;
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

    /** Docker Hub serves its registry under another name than the one in references. */
    String name() {
        return host.equals(RegistryHost.DOCKER_HUB) ? "registry-1.docker.io" : host.name();
    }

    int port() {
        return host.port().orElse(443);
    }
}
