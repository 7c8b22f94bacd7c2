package io.farrier.route;

import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * k3s' and RKE2's {@code registries.yaml}: the endpoints of the mirror in order, with its rewrites; then the registry
 * itself, without. Source: k3s {@code pkg/agent/containerd/config.go}, FACTS 2.1.
 *
 * @param mirrors by the name of the registry, or {@code *}, in the order of the file
 * @param configs by host of an endpoint, or {@code *}
 * @param triesRegistryItself false with {@code disable-default-registry-endpoint}
 */
public record RegistriesRules(
        String file, Map<String, Mirror> mirrors, Map<String, Config> configs, boolean triesRegistryItself)
        implements Rules {
    private static final String ANY = "*";

    public RegistriesRules {
        mirrors = inOrder(mirrors);
        configs = inOrder(configs);
    }

    public record Mirror(List<String> endpoints, Map<String, String> rewrites) {
        public Mirror {
            endpoints = List.copyOf(endpoints);
            rewrites = inOrder(rewrites);
        }
    }

    public record Config(TrustRule trust, Optional<String> user) {}

    private static <V> Map<String, V> inOrder(Map<String, V> map) {
        return java.util.Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    @Override
    public List<Hop> route(Reference reference) {
        String registry = reference.registry().value();
        List<Hop> hops = new ArrayList<>();
        Optional<Mirror> mirror =
                Optional.ofNullable(mirrors.get(registry)).or(() -> Optional.ofNullable(mirrors.get(ANY)));
        String named = mirrors.containsKey(registry) ? registry : ANY;
        mirror.ifPresent(rule -> rule.endpoints().stream()
                .map(url -> endpoint(url, registry, rewritten(reference.path(), rule.rewrites()), named))
                .filter(hop -> !isItself(hop, registry))
                .forEach(hops::add));
        if (mirror.isEmpty() || triesRegistryItself) {
            hops.add(itself(registry, reference.path()));
        }
        return hops;
    }

    @Override
    public List<Hop> endpoint(RegistryHost host) {
        for (Map.Entry<String, Mirror> mirror : mirrors.entrySet()) {
            for (String url : mirror.getValue().endpoints()) {
                Hop hop = endpoint(url, host.value(), "", mirror.getKey());
                if (hop.host().equals(host.value())) {
                    return List.of(hop);
                }
            }
        }
        return List.of(itself(host.value(), ""));
    }

    private Hop endpoint(String url, String registry, String repository, String mirror) {
        boolean hasScheme = url.contains("://");
        String rest = hasScheme ? url.substring(url.indexOf("://") + 3) : url;
        int slash = rest.indexOf('/');
        String host = slash < 0 ? rest : rest.substring(0, slash);
        String path = slash < 0 ? "" : rest.substring(slash).replaceFirst("/+$", "");
        String scheme = hasScheme ? url.substring(0, url.indexOf("://")) : schemeOf(host);
        return new Hop(
                scheme,
                host,
                path.isEmpty() ? "/v2" : path,
                repository,
                Endpoints.namespace(registry, host),
                configOf(host).map(Config::trust).orElse(TrustRule.SYSTEM),
                configOf(host).flatMap(Config::user),
                "a mirror of " + mirror + " (" + file + ")");
    }

    private static String schemeOf(String host) {
        return Endpoints.isLocalhost(host) && !host.endsWith(":443") ? "http" : "https";
    }

    private Hop itself(String registry, String repository) {
        String host = Endpoints.serverOf(registry);
        return new Hop(
                schemeOf(host),
                host,
                "/v2",
                repository,
                Optional.empty(),
                configOf(host).map(Config::trust).orElse(TrustRule.SYSTEM),
                configOf(host).flatMap(Config::user),
                "the image's own registry");
    }

    /** A mirror that is the registry itself is asked once, last, without rewrites. */
    private static boolean isItself(Hop hop, String registry) {
        String host = Endpoints.serverOf(registry);
        return hop.scheme().equals(schemeOf(host))
                && hop.host().equals(host)
                && hop.path().equals("/v2");
    }

    private Optional<Config> configOf(String host) {
        String alias = host.equals(Endpoints.HUB_SERVER) ? Endpoints.HUB : host;
        return Optional.ofNullable(configs.get(host))
                .or(() -> Optional.ofNullable(configs.get(alias)))
                .or(() -> Optional.ofNullable(configs.get(ANY)));
    }

    /** The first that fits; Go writes {@code ${1}} where Java writes {@code $1}. */
    private static String rewritten(String repository, Map<String, String> rewrites) {
        for (Map.Entry<String, String> rewrite : rewrites.entrySet()) {
            try {
                Matcher matcher = Pattern.compile(rewrite.getKey()).matcher(repository);
                if (matcher.find()) {
                    return matcher.replaceAll(rewrite.getValue().replaceAll("\\$\\{(\\d+)}", "\\$$1"));
                }
            } catch (PatternSyntaxException | IndexOutOfBoundsException ignoredByContainerd) {
                continue;
            }
        }
        return repository;
    }
}
