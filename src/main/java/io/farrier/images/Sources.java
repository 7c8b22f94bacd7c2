package io.farrier.images;

import io.farrier.config.FarrierConfig.Mirror;
import io.farrier.image.InvalidReferenceException;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where an image may come from. First the endpoints that the runtime itself tries for its name: the configured mirrors in
 * their order, rewrites applied, then the registry of the name. After them registries that farrier alone knows of.
 */
public final class Sources {
    private static final String ANY = "*";

    private final Map<String, Mirror> mirrors;
    private final List<RegistryHost> fallbacks;

    /** @param mirrors by upstream registry, as in registries.yaml; {@code *} is all others */
    public Sources(Map<String, Mirror> mirrors, List<RegistryHost> fallbacks) {
        this.mirrors = Map.copyOf(mirrors);
        this.fallbacks = List.copyOf(fallbacks);
    }

    /** What the runtime would ask for, in order; the last is the reference itself. */
    List<Reference> ofRuntime(Reference reference) {
        List<Reference> order = new ArrayList<>();
        Optional.ofNullable(mirrors.getOrDefault(reference.registry().value(), mirrors.get(ANY)))
                .ifPresent(mirror -> mirror.endpoints().stream()
                        .flatMap(endpoint -> at(mirror, endpoint, reference).stream())
                        .forEach(order::add));
        order.remove(reference);
        order.add(reference);
        return order;
    }

    private static Optional<Reference> at(Mirror mirror, URI endpoint, Reference reference) {
        try {
            String host = endpoint.getPort() < 0 ? endpoint.getHost() : endpoint.getHost() + ":" + endpoint.getPort();
            Reference rewritten = new Reference(
                    RegistryHost.parse(host), path(mirror, reference), reference.tag(), reference.digest());
            // A rewrite may lead to a path that no registry has.
            return Optional.of(Reference.parse(rewritten.toString()));
        } catch (InvalidReferenceException notAName) {
            return Optional.empty();
        } catch (IllegalArgumentException notAHost) {
            return Optional.empty();
        }
    }

    /** Go's {@code $1} and Java's are the same; the first pattern that matches decides, as in k3s. */
    private static String path(Mirror mirror, Reference reference) {
        for (Map.Entry<String, String> rewrite : mirror.rewrite().entrySet()) {
            String changed = reference.path().replaceAll(rewrite.getKey(), rewrite.getValue());
            if (!changed.equals(reference.path())) {
                return changed;
            }
        }
        return reference.path();
    }

    /** What farrier would pull under another name and then give the name that pods ask for. */
    List<Reference> fallbacks(Reference reference) {
        return fallbacks.stream()
                .filter(host -> !host.equals(reference.registry()))
                .map(reference::under)
                .toList();
    }
}
