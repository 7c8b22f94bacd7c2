package io.farrier.route;

import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * containerd's, with {@code config_path}: the hosts of the first folder that fits, then the server. Source: containerd
 * {@code remotes/docker/config/hosts.go}, FACTS 2.2.
 *
 * @param root {@code config_path}; empty where it is not set, and only the registry itself is asked
 * @param folders by name, each with what is in it
 */
public record HostsRules(Optional<String> root, Map<String, Folder> folders) implements Rules {
    private static final String DEFAULT = "_default";

    public HostsRules {
        folders = Map.copyOf(folders);
    }

    /** @param hosts empty where there is no hosts.toml that containerd can read: then certificates lie there as for Docker */
    public record Folder(Optional<HostsFile> hosts) {}

    /** @param server asked last, and how */
    public record HostsFile(Optional<String> server, Host serverRule, List<Host> hosts) {
        public HostsFile {
            hosts = List.copyOf(hosts);
        }
    }

    /**
     * @param url as it is written
     * @param capabilities none means all
     */
    public record Host(
            String url, List<String> capabilities, boolean overridePath, boolean skipVerify, TrustRule trust) {
        public Host {
            capabilities = List.copyOf(capabilities);
        }

        boolean can(Reference reference) {
            String needed = reference.digest().isPresent() ? "pull" : "resolve";
            return capabilities.isEmpty() || capabilities.contains(needed);
        }
    }

    @Override
    public List<Hop> route(Reference reference) {
        String registry = reference.registry().value();
        Optional<String> name = folderOf(registry);
        Optional<HostsFile> file = name.flatMap(folder -> found(folder).hosts());
        if (file.isEmpty()) {
            return List.of(itself(registry, reference.path(), name.map(this::certificates)));
        }
        String because = path(name.orElseThrow()) + "/hosts.toml";
        List<Hop> hops = new ArrayList<>();
        for (Host host : file.get().hosts()) {
            if (host.can(reference)) {
                hops.add(hop(host.url(), host, registry, reference.path(), because));
            }
        }
        if (file.get().serverRule().can(reference)) {
            hops.add(server(file.get(), registry, reference.path(), because));
        }
        return hops;
    }

    private Hop server(HostsFile file, String registry, String repository, String because) {
        return file.server()
                .map(url -> hop(url, file.serverRule(), registry, repository, "'server' of " + because))
                .orElseGet(() -> itself(registry, repository, Optional.of(trustOf(file.serverRule()))));
    }

    /** Its own folder, or how it is written as somebody's mirror. */
    @Override
    public List<Hop> endpoint(RegistryHost host) {
        Reference any = new Reference(host, "", Optional.empty(), Optional.empty());
        List<Hop> own = route(any).stream()
                .filter(hop -> hop.host().equals(Endpoints.serverOf(host.value())))
                .toList();
        if (folderOf(host.value()).filter(name -> !name.equals(DEFAULT)).isPresent() && !own.isEmpty()) {
            return own;
        }
        for (Map.Entry<String, Folder> folder : new java.util.TreeMap<>(folders).entrySet()) {
            List<Host> hosts = folder.getValue().hosts().map(HostsFile::hosts).orElse(List.of());
            for (Host each : hosts) {
                Hop hop = hop(each.url(), each, host.value(), "", path(folder.getKey()) + "/hosts.toml");
                if (hop.host().equals(host.value())) {
                    return List.of(hop);
                }
            }
        }
        return own.isEmpty() ? List.of(itself(host.value(), "", Optional.empty())) : own;
    }

    private Optional<String> folderOf(String registry) {
        int colon = registry.lastIndexOf(':');
        boolean hasPort = colon > registry.lastIndexOf(']');
        String safe = hasPort ? registry.substring(0, colon) + "_" + registry.substring(colon + 1) + "_" : registry;
        return List.of(safe, registry, DEFAULT).stream()
                .filter(folders::containsKey)
                .findFirst();
    }

    private Folder found(String name) {
        return folders.getOrDefault(name, new Folder(Optional.empty()));
    }

    private String path(String folder) {
        return root.orElse("") + "/" + folder;
    }

    private TrustRule certificates(String folder) {
        return TrustRule.ofFolder(path(folder));
    }

    private static TrustRule trustOf(Host host) {
        return host.skipVerify() ? TrustRule.NOBODY : host.trust();
    }

    private static Hop itself(String registry, String repository, Optional<TrustRule> trust) {
        String host = Endpoints.serverOf(registry);
        boolean isLocal = Endpoints.isLocalhost(host);
        return new Hop(
                isLocal ? "http" : "https",
                host,
                "/v2",
                repository,
                Optional.empty(),
                isLocal ? TrustRule.NOBODY : trust.orElse(TrustRule.SYSTEM),
                Optional.empty(),
                "the image's own registry");
    }

    private static Hop hop(String url, Host rule, String registry, String repository, String because) {
        String whole = url.contains("://") ? url : "https://" + url;
        String scheme = whole.startsWith("http://") ? "http" : "https";
        String rest = whole.substring(whole.indexOf("://") + 3);
        int slash = rest.indexOf('/');
        String host = slash < 0 ? rest : rest.substring(0, slash);
        String path = slash < 0 ? "" : rest.substring(slash).replaceFirst("/+$", "");
        boolean isWhole = rule.overridePath() && !path.isEmpty() || path.endsWith("/v2");
        return new Hop(
                scheme,
                host,
                isWhole ? path : path + "/v2",
                repository,
                Endpoints.namespace(registry, host),
                trustOf(rule),
                Optional.empty(),
                because);
    }
}
