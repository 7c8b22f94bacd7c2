package io.farrier.keep.rancher;

import static io.farrier.document.RegistriesYaml.AUTH;
import static io.farrier.document.RegistriesYaml.CONFIGS;
import static io.farrier.document.RegistriesYaml.ENDPOINT;
import static io.farrier.document.RegistriesYaml.MIRRORS;
import static io.farrier.document.RegistriesYaml.REWRITE;
import static io.farrier.document.RegistriesYaml.SKIP_VERIFY;
import static io.farrier.document.RegistriesYaml.TLS;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.Mirror;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.config.Mode;
import io.farrier.document.JsonValue;
import io.farrier.document.KeyPath;
import io.farrier.document.RegistriesYaml;
import io.farrier.image.RegistryHost;
import io.farrier.keep.OwnFiles;
import io.farrier.keep.Wishes;
import io.farrier.ledger.Ownership;
import io.farrier.plan.Claim;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What the configuration wants in registries.yaml, and the files that it names there. */
final class RegistriesWishes {
    /** Where docker.io is really asked; k3s takes both names for one (FACTS 2.1). */
    static final String HUB_ENDPOINT = "registry-1.docker.io";

    private final Path trustFolder;
    private final Wishes document = new Wishes();
    private final SortedMap<Path, OwnFiles.Wish> files = new TreeMap<>();
    private final List<Path> frozenFolders = new ArrayList<>();

    private RegistriesWishes(Path trustFolder) {
        this.trustFolder = trustFolder;
    }

    static RegistriesWishes none(Path trustFolder) {
        return new RegistriesWishes(trustFolder);
    }

    static RegistriesWishes of(FarrierConfig config, Path trustFolder, RegistriesYaml before, Ownership ours) {
        RegistriesWishes wishes = new RegistriesWishes(trustFolder);
        TreeSet<String> ownLists = ours.claims().stream()
                .filter(claim -> claim.kind() == Claim.Kind.ELEMENT)
                .map(Claim::key)
                .collect(Collectors.toCollection(TreeSet::new));
        config.mirrors().forEach(wishes::addMirror);
        for (Registry registry : config.registries()) {
            boolean hasMirror = config.mirrors().containsKey(registry.host().value());
            if (registry.mode().filter(mode -> mode == Mode.OFF).isPresent()) {
                wishes.freeze(registry.host());
            } else {
                wishes.addRegistry(registry, hasMirror, before, ownLists);
            }
        }
        return wishes;
    }

    Wishes document() {
        return document;
    }

    SortedMap<Path, OwnFiles.Wish> files() {
        return files;
    }

    /** True for files of a registry that farrier shall not even look at. */
    boolean isFrozen(Path file) {
        return frozenFolders.stream().anyMatch(file::startsWith);
    }

    private Path folderOf(RegistryHost host) {
        return trustFolder.resolve(host.value());
    }

    private void freeze(RegistryHost host) {
        document.freeze(KeyPath.of(MIRRORS, host.value())).freeze(KeyPath.of(CONFIGS, endpointOf(host)));
        frozenFolders.add(folderOf(host));
    }

    private void addMirror(String upstream, Mirror mirror) {
        KeyPath at = KeyPath.of(MIRRORS, upstream);
        Optional<RegistryHost> about =
                upstream.equals("*") ? Optional.empty() : Optional.of(RegistryHost.parse(upstream));
        document.elements(
                at.child(ENDPOINT),
                mirror.endpoints().stream().map(URI::toString).toList(),
                about);
        mirror.rewrite()
                .forEach((pattern, to) ->
                        document.value(at.child(REWRITE).child(pattern), new JsonValue.Text(to), about));
    }

    private void addRegistry(Registry registry, boolean hasMirror, RegistriesYaml before, TreeSet<String> ownLists) {
        RegistryHost host = registry.host();
        // The key is the endpoint's host: docker.io's is another one.
        KeyPath at = KeyPath.of(CONFIGS, endpointOf(host));
        if (!hasMirror) {
            addOwnMirror(registry, before, ownLists);
        }
        registry.auth()
                .ifPresent(login -> document.text(at.child(AUTH).child("username"), login.username(), host)
                        .text(at.child(AUTH).child("password"), login.password().reveal(), host));
        registry.ca().ifPresent(pem -> name(at, "ca_file", "ca.crt", OwnFiles.certificates(pem, host)));
        registry.client().ifPresent(pair -> {
            name(at, "cert_file", "client.cert", OwnFiles.certificates(pair.cert(), host));
            name(at, "key_file", "client.key", OwnFiles.key(pair, host));
        });
        if (registry.insecure()) {
            document.value(at.child(TLS).child(SKIP_VERIFY), new JsonValue.Bool(true), Optional.of(host));
        }
    }

    private void name(KeyPath config, String key, String fileName, OwnFiles.Wish wish) {
        Path file = folderOf(wish.about()).resolve(fileName);
        files.put(file, wish);
        document.text(config.child(TLS).child(key), file.toString(), wish.about());
    }

    /**
     * k3s 1.29.3 ignores {@code configs} for a registry without mirrors (k3s#9839), so that each gets itself as one, unless
     * somebody has an entry for it. An insecure one is asked over HTTPS, then over HTTP, as Docker does it.
     */
    private void addOwnMirror(Registry registry, RegistriesYaml before, TreeSet<String> ownLists) {
        KeyPath mirror = KeyPath.of(MIRRORS, registry.host().value());
        String below = mirror + ".";
        String next = ownLists.ceiling(below);
        boolean isOurs = next != null && next.startsWith(below);
        if (before.get(mirror).isPresent() && !isOurs && !registry.insecure()) {
            return;
        }
        String endpoint = endpointOf(registry.host());
        List<String> urls = registry.insecure()
                ? List.of("https://" + endpoint, "http://" + endpoint)
                : List.of("https://" + endpoint);
        document.elements(mirror.child(ENDPOINT), urls, Optional.of(registry.host()));
    }

    static String endpointOf(RegistryHost host) {
        return host.equals(RegistryHost.DOCKER_HUB) ? HUB_ENDPOINT : host.value();
    }
}
