package io.farrier.config;

import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.secret.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
    /** What a node runs; {@code AUTO} looks. */
    public enum Distribution {
        AUTO,
        DOCKER,
        RKE,
        K3S,
        RKE2,
        CONTAINERD
    }

    public record Node(String name, Distribution distribution, Map<String, String> labels) {}

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

    public record Login(String username, Secret password) {}

    /** Endpoints in order, and Go regular expressions applied to the repository path. */
    public record Mirror(List<URI> endpoints, Map<String, String> rewrite) {}

    /** Further keys of daemon.json to hold; values are JSON-like: Boolean, Number, String, List, Map. */
    public record Docker(Map<String, Object> daemonJson) {}

    /**
     * @param lists the list files, expanded from their globs, in name order
     * @param keep all wanted references: {@code keep}, lists and profiles, de-duplicated, in order of appearance, without
     *     system_default_registry applied
     */
    public record Images(
            Optional<RegistryHost> systemDefaultRegistry,
            List<Reference> keep,
            List<Path> lists,
            List<String> profiles,
            Optional<Mode> mode,
            int parallel) {}

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
    public record Logs(List<String> include, List<String> exclude, long holdBytes) {}

    /** Timers, in seconds. */
    public record Intervals(int reconcileSeconds, int healthSeconds, int imagesSeconds) {}
}
