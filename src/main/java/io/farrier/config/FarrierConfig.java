package io.farrier.config;

import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.secret.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code farrier.yaml} with {@code farrier.d/*.yaml} merged in name order. Every value is checked; files named in it were read. */
public record FarrierConfig(
        Mode mode,
        Node node,
        List<Registry> registries,
        Map<String, Mirror> mirrors,
        Docker docker,
        Images images,
        Runtime runtime,
        Optional<CollectorLink> collector,
        Logs logs,
        Intervals intervals,
        Path stateDir) {
    public FarrierConfig {
        registries = List.copyOf(registries);
        mirrors = inOrder(mirrors);
    }

    /** What a node runs; {@code AUTO} looks. */
    public enum Distribution {
        AUTO,
        DOCKER,
        RKE,
        K3S,
        RKE2,
        CONTAINERD
    }

    public record Node(String name, Distribution distribution, Map<String, String> labels) {
        public Node {
            labels = inOrder(labels);
        }
    }

    /**
     * @param ca PEM of all its CA certificates, checked to hold at least one certificate; empty when none is configured
     * @param client PEM of the client pair
     * @param mode overrides the node's mode for this registry
     */
    public record Registry(
            RegistryHost host,
            Optional<byte[]> ca,
            Optional<ClientPair> client,
            Optional<Login> auth,
            boolean insecure,
            Optional<Mode> mode) {}

    public record ClientPair(byte[] cert, Secret key) {}

    /** @param realmHosts token servers on other hosts that may be given it, in lower case */
    public record Login(String username, Secret password, Set<String> realmHosts) {
        public Login {
            realmHosts = Set.copyOf(realmHosts);
        }

        public Login(String username, Secret password) {
            this(username, password, Set.of());
        }
    }

    /** Endpoints in order, and Go regular expressions applied to the repository path. */
    public record Mirror(List<URI> endpoints, Map<String, String> rewrite) {
        public Mirror {
            endpoints = List.copyOf(endpoints);
            rewrite = inOrder(rewrite);
        }
    }

    /** Further keys of daemon.json to hold; values are JSON-like: Boolean, Number, String, List, Map. */
    public record Docker(Map<String, Object> daemonJson) {
        public Docker {
            daemonJson = inOrder(daemonJson);
        }
    }

    /**
     * @param lists the list files, expanded from their globs, in name order
     * @param keep the references of {@code keep} and of the list files, each once, in order of appearance, without
     *     system_default_registry applied
     * @param profiles names only; the {@code images} room knows what they hold
     */
    public record Images(
            Optional<RegistryHost> systemDefaultRegistry,
            List<Reference> keep,
            List<Path> lists,
            List<String> profiles,
            Optional<Mode> mode,
            int parallel) {
        public Images {
            keep = List.copyOf(keep);
            lists = List.copyOf(lists);
            profiles = List.copyOf(profiles);
        }
    }

    public enum Restart {
        NEVER,
        ALLOW
    }

    /** @param socket empty for auto */
    public record Runtime(Restart restart, Optional<Path> socket) {}

    /**
     * @param ca PEM of the CA that signs the collector's certificate
     * @param sha256 pin of the collector's certificate, lower-case hex
     */
    public record CollectorLink(URI url, Optional<byte[]> ca, Optional<String> sha256, Secret token) {}

    /** Patterns as in the file: {@code name}, {@code namespace/pod/container} with {@code *}. */
    public record Logs(List<String> include, List<String> exclude, long holdBytes) {
        public Logs {
            include = List.copyOf(include);
            exclude = List.copyOf(exclude);
        }
    }

    /** Timers, in seconds. */
    public record Intervals(int reconcileSeconds, int healthSeconds, int imagesSeconds) {}

    private static <V> Map<String, V> inOrder(Map<String, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
