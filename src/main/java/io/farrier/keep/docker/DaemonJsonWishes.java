package io.farrier.keep.docker;

import io.farrier.config.FarrierConfig;
import io.farrier.config.Mode;
import io.farrier.document.JsonValue;
import io.farrier.image.RegistryHost;
import io.farrier.keep.UserInfo;
import io.farrier.ledger.Ownership;
import io.farrier.plan.Change;
import io.farrier.plan.Claim;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the configuration wants in daemon.json.
 *
 * @param elements by list key, the elements to hold and the registry each is for
 * @param keys further keys, with their whole value
 * @param frozen registries that farrier shall not even look at
 * @param inexpressible what is configured and has no word in daemon.json
 */
record DaemonJsonWishes(
        Map<String, Map<String, Optional<RegistryHost>>> elements,
        Map<String, JsonValue> keys,
        Set<String> frozen,
        List<Inexpressible> inexpressible) {
    static final String INSECURE = "insecure-registries";
    static final String MIRRORS = "registry-mirrors";
    static final List<String> LISTS = List.of(INSECURE, MIRRORS);

    private static final String DOCKER_HUB = RegistryHost.DOCKER_HUB.value();

    /** A change that cannot be made on Docker at all, and why. */
    record Inexpressible(Change change, String because) {}

    /** Whether farrier wants this key, or wrote it once: then what becomes of it is farrier's to say. */
    boolean isOurs(String key, Ownership ours) {
        return keys.containsKey(key)
                || ours.claims().stream()
                        .anyMatch(claim ->
                                claim.kind() == Claim.Kind.KEY && claim.key().equals(key));
    }

    static DaemonJsonWishes none() {
        return new DaemonJsonWishes(Map.of(INSECURE, Map.of(), MIRRORS, Map.of()), Map.of(), Set.of(), List.of());
    }

    static DaemonJsonWishes of(FarrierConfig config) {
        Map<String, Map<String, Optional<RegistryHost>>> elements = new LinkedHashMap<>();
        elements.put(INSECURE, insecure(config));
        elements.put(MIRRORS, mirrors(config));
        Map<String, JsonValue> keys = new LinkedHashMap<>();
        config.docker().daemonJson().forEach((key, value) -> {
            JsonValue meaning = JsonValue.of(value);
            if (LISTS.contains(key) && meaning instanceof JsonValue.Array list) {
                list.texts()
                        .forEach(text -> elements.getOrDefault(key, Map.of()).putIfAbsent(text, Optional.empty()));
                return;
            }
            keys.put(key, meaning);
        });
        return new DaemonJsonWishes(elements, keys, frozen(config), inexpressible(config));
    }

    private static Map<String, Optional<RegistryHost>> insecure(FarrierConfig config) {
        Map<String, Optional<RegistryHost>> hosts = new LinkedHashMap<>();
        config.registries().stream()
                .filter(FarrierConfig.Registry::insecure)
                .forEach(registry -> hosts.put(registry.host().value(), Optional.of(registry.host())));
        return hosts;
    }

    private static Map<String, Optional<RegistryHost>> mirrors(FarrierConfig config) {
        Map<String, Optional<RegistryHost>> urls = new LinkedHashMap<>();
        FarrierConfig.Mirror mirror = config.mirrors().get(DOCKER_HUB);
        if (mirror != null) {
            mirror.endpoints().forEach(url -> urls.put(url.toString(), Optional.of(RegistryHost.DOCKER_HUB)));
        }
        return urls;
    }

    private static Set<String> frozen(FarrierConfig config) {
        Set<String> hosts = new LinkedHashSet<>();
        config.registries().stream()
                .filter(registry ->
                        registry.mode().filter(mode -> mode == Mode.OFF).isPresent())
                .forEach(registry -> hosts.add(registry.host().value()));
        return hosts;
    }

    private static List<Inexpressible> inexpressible(FarrierConfig config) {
        List<Inexpressible> impossible = new ArrayList<>();
        config.mirrors().forEach((upstream, mirror) -> {
            if (!upstream.equals(DOCKER_HUB)) {
                impossible.add(new Inexpressible(
                        mirrorOf(upstream, mirror.endpoints().toString()),
                        "Docker asks mirrors for docker.io only. Put the mirror's own name into the image references, as"
                                + " images.system_default_registry does it."));
            } else if (!mirror.rewrite().isEmpty()) {
                impossible.add(new Inexpressible(
                        mirrorOf(upstream, "rewrite " + mirror.rewrite()),
                        "Docker cannot rewrite the path of a mirrored image. Only containerd can: k3s, RKE2."));
            }
        });
        return impossible;
    }

    private static Change mirrorOf(String upstream, String text) {
        return new Change(
                Change.Kind.ADD,
                MIRRORS,
                Optional.empty(),
                Optional.of(upstream + " -> " + UserInfo.masked(text)),
                Optional.empty(),
                Optional.empty());
    }

    boolean isFrozen(String element) {
        return frozen.contains(element);
    }

    /** What is wrong with a mirror's URL for this engine; it would not start with it. */
    static Optional<String> problemWithMirror(String url, Optional<EngineVersion> version) {
        URI uri = URI.create(url);
        if (uri.getUserInfo() != null || uri.getQuery() != null || uri.getFragment() != null) {
            return Optional.of("dockerd takes no user, query or fragment in a mirror, and would not start with it.");
        }
        String path = Optional.ofNullable(uri.getPath()).orElse("");
        boolean takesPath = version.filter(v -> v.isAtLeast(EngineVersion.MIRRORS_WITH_PATH))
                .isPresent();
        if (path.length() > 1 && !takesPath) {
            return Optional.of("dockerd takes a mirror with a path only from 25.0 on"
                    + version.map(v -> "; this is " + v.text()).orElse("; its version is not known now")
                    + ". An older one would not start with it.");
        }
        return Optional.empty();
    }
}
