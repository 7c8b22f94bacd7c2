package io.farrier.route;

import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * dockerd's: mirrors for docker.io only; an insecure registry with TLS that nobody verifies, then without. Source: moby
 * {@code registry/service_v2.go} and {@code registry/config.go}, FACTS 1.1 and 1.2.
 *
 * @param insecure hosts and networks, without those that dockerd adds by itself
 * @param mirrors in order
 * @param addresses of a host, for the networks among {@code insecure}; none where it is not known
 */
public record DockerRules(List<String> insecure, List<String> mirrors, Addresses addresses) implements Rules {
    private static final String CERTS = "/etc/docker/certs.d/";
    private static final String HUB = "registry-1.docker.io";
    private static final String OWN_NETWORK = "127.0.0.0/8";

    public DockerRules {
        insecure = List.copyOf(insecure);
        mirrors = List.copyOf(mirrors);
    }

    @Override
    public List<Hop> route(Reference reference) {
        if (!reference.registry().equals(RegistryHost.DOCKER_HUB)) {
            return hops(reference.registry().value(), reference.path());
        }
        List<Hop> hops = new ArrayList<>();
        for (String mirror : mirrors) {
            hops.add(mirror(mirror, reference.path()));
        }
        hops.add(hub(reference.path()));
        return hops;
    }

    @Override
    public List<Hop> endpoint(RegistryHost host) {
        return host.equals(RegistryHost.DOCKER_HUB) ? List.of(hub("")) : hops(host.value(), "");
    }

    private List<Hop> hops(String host, String repository) {
        Optional<String> rule = insecureRule(host);
        if (rule.isEmpty()) {
            return List.of(hop("https", host, "/v2", repository, secure(host), "the image's own registry"));
        }
        String because = "the image's own registry, insecure because of " + rule.get();
        return List.of(
                hop("https", host, "/v2", repository, TrustRule.NOBODY, because),
                hop("http", host, "/v2", repository, TrustRule.NOBODY, because));
    }

    private Hop mirror(String url, String repository) {
        String whole = url.contains("://") ? url : "https://" + url;
        String scheme = whole.startsWith("http://") ? "http" : "https";
        String rest = whole.substring(whole.indexOf("://") + 3).replaceFirst("/+$", "");
        int slash = rest.indexOf('/');
        String host = slash < 0 ? rest : rest.substring(0, slash);
        String path = slash < 0 ? "" : rest.substring(slash);
        TrustRule trust = insecureRule(host).isPresent() ? TrustRule.NOBODY : secure(host);
        return hop(scheme, host, path + "/v2", repository, trust, "a mirror of docker.io (registry-mirrors)");
    }

    /** The official one never reads certs.d. */
    private static Hop hub(String repository) {
        return hop("https", HUB, "/v2", repository, TrustRule.SYSTEM, "docker.io itself");
    }

    private static TrustRule secure(String host) {
        return TrustRule.ofFolder(CERTS + host);
    }

    private static Hop hop(
            String scheme, String host, String path, String repository, TrustRule trust, String because) {
        return new Hop(scheme, host, path, repository, Optional.empty(), trust, Optional.empty(), because);
    }

    private Optional<String> insecureRule(String host) {
        if (insecure.contains(host)) {
            return Optional.of("'" + host + "' in insecure-registries");
        }
        List<byte[]> its = addresses.of(Endpoints.nameOf(host));
        return insecure.stream()
                .filter(entry -> its.stream().anyMatch(address -> Networks.contain(entry, address)))
                .findFirst()
                .map(network -> "'" + network + "' in insecure-registries")
                .or(() -> its.stream().anyMatch(address -> Networks.contain(OWN_NETWORK, address))
                        ? Optional.of("Docker's own rule for " + OWN_NETWORK)
                        : Optional.empty());
    }
}
