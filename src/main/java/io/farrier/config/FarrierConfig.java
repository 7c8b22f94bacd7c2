package io.farrier.config;

import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.secret.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
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
        Changes changes,
        Map<KeptFile, Manage> manage,
        Findings findings,
        Budget budget,
        Path stateDir) {
    public static final Path DEFAULT_STATE_DIR = Path.of("/var/lib/farrier");

    public FarrierConfig {
        registries = List.copyOf(registries);
        mirrors = inOrder(mirrors);
        manage = inOrder(manage);
    }

    /** Who owns a file. {@code AUTO}: farrier, unless there is a sign of another writer. */
    public Manage manage(KeptFile file) {
        return manage.getOrDefault(file, Manage.AUTO);
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

    /** @param restartSlot empty where a runtime that serves a control plane is never restarted */
    public record Node(
            String name, Distribution distribution, Map<String, String> labels, Optional<RestartSlot> restartSlot) {
        public Node {
            labels = inOrder(labels);
        }
    }

    /**
     * When a server or etcd node may restart its runtime, and who must be healthy just before.
     *
     * @param number from 1 to {@code of}
     * @param of how many servers take turns
     * @param members what each of the other servers answers with 200 while it is healthy
     * @param ca PEM; who signed their certificates, beside the system's roots
     * @param client PEM; what is shown to members that ask for a certificate, as etcd does
     */
    public record RestartSlot(int number, int of, List<URI> members, Optional<byte[]> ca, Optional<ClientPair> client) {
        public RestartSlot {
            members = List.copyOf(members);
        }
    }

    /**
     * @param ca PEM of all its CA certificates, checked to hold at least one certificate; empty when none is configured
     * @param client PEM of the client pair
     * @param mode overrides the node's mode for this registry
     * @param proof the image that a change for this registry is proven with
     */
    public record Registry(
            RegistryHost host,
            Optional<byte[]> ca,
            Optional<ClientPair> client,
            Optional<Login> auth,
            boolean insecure,
            Optional<Mode> mode,
            Optional<Reference> proof) {
        /** Without an image of its own for the proof. */
        public Registry(
                RegistryHost host,
                Optional<byte[]> ca,
                Optional<ClientPair> client,
                Optional<Login> auth,
                boolean insecure,
                Optional<Mode> mode) {
            this(host, ca, client, auth, insecure, mode, Optional.empty());
        }
    }

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
            int parallel,
            Pulls pulls) {
        public Images {
            keep = List.copyOf(keep);
            lists = List.copyOf(lists);
            profiles = List.copyOf(profiles);
        }
    }

    /** Which of the wanted images are held against the garbage collector. */
    public enum Hold {
        /** All where it costs nothing (containerd's pin), the pause images where it costs a container (Docker). */
        AUTO,
        PAUSE,
        ALL,
        NONE
    }

    /**
     * How images come to a node and stay there.
     *
     * @param fallbacks registries that are asked for an image its own one does not give, in order
     * @param lock the file that pins digests; it need not exist
     * @param gcThreshold per cent of the image file system at which the kubelet begins to collect
     * @param maxBytes of all wanted images together
     * @param maxRate bytes a second, on the average
     * @param returns how often an hour one image is brought back before somebody is asked why it goes
     * @param patience how long a download may stand still
     */
    public record Pulls(
            List<RegistryHost> fallbacks,
            Path lock,
            Hold hold,
            int gcThreshold,
            Optional<Long> maxBytes,
            Optional<Long> maxRate,
            int returns,
            Duration patience) {
        /** What holds without a word in the file. */
        public static final Pulls DEFAULT = new Pulls(
                List.of(),
                Path.of("/etc/farrier/images.lock"),
                Hold.AUTO,
                85,
                Optional.empty(),
                Optional.empty(),
                12,
                Duration.ofMinutes(2));

        public Pulls {
            fallbacks = List.copyOf(fallbacks);
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

    /**
     * Patterns as in the file: {@code name}, {@code namespace/pod/container} with {@code *}.
     *
     * @param redact expressions of what must not leave the node, as {@code Redactor} takes them
     * @param files absolute paths of files that are no container's, with {@code *}
     * @param units of systemd, by their full names, beside those that are shipped by default
     * @param bounds how much, and how fast
     */
    public record Logs(
            List<String> include,
            List<String> exclude,
            List<String> redact,
            List<String> files,
            List<String> units,
            LogBounds bounds) {
        public Logs {
            files = List.copyOf(files);
            include = List.copyOf(include);
            exclude = List.copyOf(exclude);
            redact = List.copyOf(redact);
            units = List.copyOf(units);
        }
    }

    /**
     * @param holdBytes of deleted files, which are on disk only until they were shipped
     * @param historyBytes of what was rotated before a log was first seen
     * @param nodeRate bytes per second of all logs together; empty for no limit
     * @param logRate the same of each log
     */
    public record LogBounds(long holdBytes, long historyBytes, Optional<Long> nodeRate, Optional<Long> logRate) {
        /** What holds without a word in the file. */
        public static final LogBounds DEFAULT = new LogBounds(1L << 30, 256L << 20, Optional.empty(), Optional.empty());
    }

    /** Timers, in seconds. */
    public record Intervals(int reconcileSeconds, int healthSeconds, int imagesSeconds) {}

    /**
     * @param allowRemoval whether what the configuration no longer names goes from the node by itself
     * @param repairsPerHour how often the agent changes one file within an hour
     * @param restoreOnPurge whether purging the package gives back the files as they were before farrier
     * @param spread over how long a changed configuration comes into force, each node at its own moment; empty for at once
     */
    public record Changes(
            boolean allowRemoval, int repairsPerHour, boolean restoreOnPurge, Optional<Duration> spread) {}

    /**
     * What the agent may cost the node before it gives up work.
     *
     * @param cpuPercent of one core, over a minute
     */
    public record Budget(int cpuPercent, long memoryBytes) {
        /** What holds without a word in the file. */
        public static final Budget DEFAULT = new Budget(50, 200L << 20);
    }

    /** @param caUnused how long a CA is of no use before it is called removable; whole days */
    public record Findings(Duration caUnused) {
        /** What holds without a word in the file. */
        public static final Findings DEFAULT = new Findings(Duration.ofDays(30));
    }

    /** What farrier keeps, as {@code manage} names it. */
    public enum KeptFile {
        CERTS_D("certs.d"),
        DAEMON_JSON("daemon.json"),
        REGISTRIES_YAML("registries.yaml"),
        HOSTS_TOML("hosts.toml");

        private final String word;

        KeptFile(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    /** What farrier does with a file of the runtime. */
    public enum Manage {
        /** Keeps it; where somebody else writes it, reports only. */
        AUTO,
        /** Keeps it, whoever else does. */
        OWN,
        /** Says what is to be written there, and leaves it alone. */
        REPORT,
        /** Does not look at it. */
        OFF
    }

    private static <K, V> Map<K, V> inOrder(Map<K, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
