package io.farrier.config;

import static io.farrier.config.Property.optional;
import static io.farrier.config.Property.required;
import static io.farrier.config.Property.section;
import static io.farrier.config.Property.withDefault;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.pki.Certificate;
import io.farrier.pki.Certificates;
import io.farrier.rules.Redactor;
import io.farrier.secret.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What {@code farrier.yaml} can say, section by section. This is the one place that knows; the problems, the JSON Schema
 * and {@code config check --show} are made from it.
 */
final class FarrierYaml {
    /** Kubernetes' rule for a node name (RFC 1123 subdomain); the collector keeps files by it. */
    private static final String NODE_NAME = "[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?";
    /** What the {@code images} room carries; a name it did not know would be a silent nothing. */
    static final List<String> PROFILES = List.of("cis-benchmark", "pause", "rancher-minimal");

    private static final Duration MAX_UNUSED = Duration.ofDays(3650);
    private static final Duration MAX_INTERVAL = Duration.ofHours(24);
    private static final int MAX_SERVERS = 15; // etcd's own advice is 7 members
    private static final int MAX_PARALLEL_PULLS = 16;
    private static final int MAX_REPAIRS_PER_HOUR = 60;

    /** Of one core: eight cores. */
    private static final int MAX_CPU_PERCENT = 800;

    private FarrierYaml() {}

    static final class NodeSection {
        static final Property<String> NAME = withDefault(
                "name",
                ScalarType.text("a node name of small letters, digits, '-' and '.'", name -> name.matches(NODE_NAME)),
                reading -> reading.hostName().toLowerCase(Locale.ROOT),
                "How this node is called in reports; the host name unless said otherwise.");
        static final Property<FarrierConfig.Distribution> DISTRIBUTION = withDefault(
                "distribution",
                ScalarType.choice(FarrierConfig.Distribution.class),
                "auto",
                "What runs on this node; auto looks.");
        static final Property<Map<String, String>> LABELS = optional(
                "labels",
                new MapType<>(name -> notBlank(name, "a label"), ScalarType.text("a text")),
                "Names and values to find this node by.");
        static final Property<FileType.Content<Map<String, String>>> LABELS_FILE = optional(
                "labels_file",
                FileType.assignments(),
                "File of lines 'name=value' with more of them, such as what a metadata service said; 'labels' win.");

        static final Property<String> RESTART_SLOT = optional(
                "restart_slot",
                ScalarType.text("a number and how many servers take turns, such as 1/3", NodeSection::isSlot),
                "Whose turn it is to restart the runtime of a server or etcd node, k/n: the first five of ten minutes,"
                        + " each n x 10 minutes, and with 'runtime.restart: allow'; without it, never.");
        static final Property<List<URI>> MEMBERS = optional(
                "members",
                ListType.inOrder(ScalarType.url("https", "http")),
                "What each of the other n - 1 servers answers with 200 while it is healthy, such as"
                        + " https://10.0.0.2:9345/ping or etcd's /health; asked just before a restart.");
        static final Property<FileType.Content<List<Certificate>>> MEMBERS_CA = optional(
                "members_ca", FileType.certificates(), "PEM file of the CA that signed the members' certificates.");
        static final Property<FarrierConfig.ClientPair> MEMBERS_CLIENT = optional(
                "members_client",
                ClientSection.TYPE,
                "Certificate and key for members that ask for one, as etcd does.");

        static final Section<FarrierConfig.Node> TYPE = Section.of(
                        values -> new FarrierConfig.Node(
                                values.get(NAME),
                                values.get(DISTRIBUTION),
                                labels(values),
                                values.find(RESTART_SLOT).map(slot -> slot(slot, values))),
                        NAME,
                        DISTRIBUTION,
                        LABELS,
                        LABELS_FILE,
                        RESTART_SLOT,
                        MEMBERS,
                        MEMBERS_CA,
                        MEMBERS_CLIENT)
                .where(NodeSection::check);

        private static Map<String, String> labels(Values values) {
            Map<String, String> labels = new LinkedHashMap<>();
            values.find(LABELS_FILE).ifPresent(file -> labels.putAll(file.value()));
            labels.putAll(values.map(LABELS));
            return labels;
        }

        private static boolean isSlot(String text) {
            return text.matches("[1-9][0-9]?/[1-9][0-9]?") && number(text) <= of(text) && of(text) <= MAX_SERVERS;
        }

        private static int number(String slot) {
            return Integer.parseInt(slot.substring(0, slot.indexOf('/')));
        }

        private static int of(String slot) {
            return Integer.parseInt(slot.substring(slot.indexOf('/') + 1));
        }

        private static FarrierConfig.RestartSlot slot(String slot, Values values) {
            return new FarrierConfig.RestartSlot(
                    number(slot),
                    of(slot),
                    values.list(MEMBERS),
                    values.find(MEMBERS_CA).map(file -> pem(file.value())),
                    values.find(MEMBERS_CLIENT));
        }

        /** A server that nobody asks could be the one that is down. */
        private static void check(Values values) {
            int others = values.find(RESTART_SLOT).map(slot -> of(slot) - 1).orElse(0);
            int listed = values.list(MEMBERS).size();
            if (values.isWritten(RESTART_SLOT) && others != listed) {
                values.problem(
                        RESTART_SLOT,
                        "means " + others + " other servers, and 'members' lists " + listed
                                + ": list every other one, and not this node");
            }
            for (Property<?> property : List.of(MEMBERS, MEMBERS_CA, MEMBERS_CLIENT)) {
                if (values.isWritten(property) && !values.isWritten(RESTART_SLOT)) {
                    values.problem(property, "is of no use without 'restart_slot'");
                }
            }
        }
    }

    static final class ClientSection {
        static final Property<FileType.Content<List<Certificate>>> CERT =
                required("cert", FileType.certificates(), "PEM file of the client certificate, its chain after it.");
        static final Property<FileType.Content<Secret>> KEY =
                required("key", FileType.privateKey(), "PEM file of its private key, without a passphrase.");

        static final Section<FarrierConfig.ClientPair> TYPE = Section.of(
                        values -> new FarrierConfig.ClientPair(
                                pem(values.get(CERT).value()), values.get(KEY).value()),
                        CERT,
                        KEY)
                .where(values -> CertificateRules.checkPair(values, CERT, KEY));
    }

    static final class AuthSection {
        static final Property<String> USERNAME = required("username", ScalarType.text("a user name"), "Who logs in.");
        static final Property<FileType.Content<Secret>> PASSWORD_FILE =
                required("password_file", FileType.secret(), "File with the password or token, in one line.");

        static final Property<List<String>> REALM_HOSTS = optional(
                "realm_hosts",
                ListType.inOrder(ScalarType.text("a host name", AuthSection::isHostName)),
                "Token servers on other hosts that may be given this login; the registry's own always may.");

        static final Section<FarrierConfig.Login> TYPE = Section.of(
                values -> new FarrierConfig.Login(
                        values.get(USERNAME),
                        values.get(PASSWORD_FILE).value(),
                        values.list(REALM_HOSTS).stream()
                                .map(host -> host.toLowerCase(Locale.ROOT))
                                .collect(Collectors.toUnmodifiableSet())),
                USERNAME,
                PASSWORD_FILE,
                REALM_HOSTS);

        private static boolean isHostName(String text) {
            try {
                return RegistryHost.parse(text).port().isEmpty();
            } catch (IllegalArgumentException noHost) {
                return false;
            }
        }
    }

    static final class RegistrySection {
        static final Property<RegistryHost> HOST = required(
                "host", ScalarType.registryHost(), "host[:port], exactly as image references name the registry.");
        static final Property<List<FileType.Content<List<Certificate>>>> CA = optional(
                "ca",
                new OneOrMore<>(FileType.certificates()),
                "PEM file, or a list of them, with the CA certificates to trust for this registry.");
        static final Property<List<Certificate>> CA_PEM =
                optional("ca_pem", new InlinePem(), "CA certificates written here; with 'ca', both are trusted.");
        static final Property<FarrierConfig.ClientPair> CLIENT =
                optional("client", ClientSection.TYPE, "Certificate and key by which this node proves who it is.");
        static final Property<FarrierConfig.Login> AUTH = optional(
                "auth",
                AuthSection.TYPE,
                "Login for farrier's own pulls and for registries.yaml; Docker's kubelet does not use it.");
        static final Property<Boolean> INSECURE = withDefault(
                "insecure",
                ScalarType.bool(),
                "false",
                "Talk to it without verifying its certificate, or over plain HTTP. Stays a finding.");
        static final Property<Mode> MODE =
                optional("mode", ScalarType.choice(Mode.class), "Overrides the node's mode for this registry.");

        static final Property<Reference> PROOF = optional(
                "proof",
                ScalarType.reference(),
                "The image that is pulled to prove a change, of this registry; else the smallest that is kept.");

        static final Section<FarrierConfig.Registry> TYPE = Section.of(
                        RegistrySection::registry, HOST, CA, CA_PEM, CLIENT, AUTH, INSECURE, MODE, PROOF)
                .where(RegistrySection::check);

        private static FarrierConfig.Registry registry(Values values) {
            List<Certificate> cas = cas(values);
            return new FarrierConfig.Registry(
                    values.get(HOST),
                    cas.isEmpty() ? Optional.empty() : Optional.of(pem(cas)),
                    values.find(CLIENT),
                    values.find(AUTH),
                    values.get(INSECURE),
                    values.find(MODE),
                    values.find(PROOF));
        }

        /** dockerd skips certs.d, client pairs included, for an insecure registry; a login would travel readable. */
        private static void check(Values values) {
            boolean isInsecure = values.find(INSECURE).orElse(false);
            for (Property<?> property : List.of(CA, CA_PEM, CLIENT, AUTH)) {
                if (isInsecure && values.isWritten(property)) {
                    values.problem(property, "cannot be combined with 'insecure: true': it would not protect anything");
                }
            }
            values.find(PROOF)
                    .filter(proof -> values.find(HOST)
                            .filter(host -> !host.equals(proof.registry()))
                            .isPresent())
                    .ifPresent(elsewhere -> values.problem(PROOF, "must be an image of this registry"));
            CertificateRules.warnOfExpiry(values, CA, cas(values));
        }

        private static List<Certificate> cas(Values values) {
            Set<Certificate> cas = new LinkedHashSet<>();
            values.list(CA).forEach(file -> cas.addAll(file.value()));
            cas.addAll(values.list(CA_PEM));
            return List.copyOf(cas);
        }
    }

    static final class MirrorSection {
        static final Property<List<URI>> ENDPOINTS = required(
                "endpoints", ListType.inOrder(ScalarType.url("https", "http")), "URLs to ask instead, in order.");
        static final Property<Map<String, String>> REWRITE = optional(
                "rewrite",
                new MapType<>(GoPattern::check, ScalarType.text("a replacement such as mirrors/$1")),
                "Go regular expressions on the repository's path, and what to put there.");

        static final Section<FarrierConfig.Mirror> TYPE = Section.of(
                values -> new FarrierConfig.Mirror(values.get(ENDPOINTS), values.map(REWRITE)), ENDPOINTS, REWRITE);

        private static String upstream(String name) {
            return name.equals("*") ? name : RegistryHost.parse(name).value();
        }
    }

    static final class DockerSection {
        static final Property<Map<String, Object>> DAEMON_JSON = optional(
                "daemon_json",
                new MapType<>(name -> notBlank(name, "a key of daemon.json"), new JsonType()),
                "Further keys to hold in Docker's daemon.json; all others there stay as they are.");

        static final Section<FarrierConfig.Docker> TYPE =
                Section.of(values -> new FarrierConfig.Docker(values.map(DAEMON_JSON)), DAEMON_JSON);
    }

    static final class ImagesSection {
        static final Property<RegistryHost> SYSTEM_DEFAULT_REGISTRY = optional(
                "system_default_registry",
                ScalarType.registryHost(),
                "The registry that Rancher puts before the names of its own images.");
        static final Property<List<Reference>> KEEP =
                optional("keep", ListType.of(ScalarType.reference()), "Images that must be on this node.");
        static final Property<List<ListFiles.Found>> LISTS = optional(
                "lists",
                ListType.of(new ListFiles()),
                "Files with one image a line, or globs of them, below the configuration's folder.");
        static final Property<List<String>> PROFILES = optional(
                "profiles", ListType.of(ScalarType.choice(FarrierYaml.PROFILES)), "Built-in lists to keep as well.");
        static final Property<Mode> MODE =
                optional("mode", ScalarType.choice(Mode.class), "Overrides the node's mode for images.");
        static final Property<Integer> PARALLEL = withDefault(
                "parallel", ScalarType.integer(1, MAX_PARALLEL_PULLS), "3", "How many images are pulled at a time.");

        static final Property<List<RegistryHost>> FALLBACKS = optional(
                "fallbacks",
                ListType.of(ScalarType.registryHost()),
                "Registries that are asked, in order, for an image that its own registry does not give.");
        static final Property<Path> LOCK = withDefault(
                "lock",
                new BesideConfiguration(),
                "images.lock",
                "The file that pins digests, written by 'farrier images check --update-lock'; it need not exist.");
        static final Property<FarrierConfig.Hold> HOLD = withDefault(
                "hold",
                ScalarType.choice(FarrierConfig.Hold.class),
                "auto",
                "Which images are held against the garbage collector: all by a pin on containerd; on Docker by a"
                        + " container that is never started, so only the pause images unless 'all' is said.");
        static final Property<Integer> GC_THRESHOLD = withDefault(
                "gc_threshold",
                ScalarType.integer(10, 100),
                "85",
                "Per cent of the image file system at which the kubelet begins to collect images"
                        + " (its imageGCHighThresholdPercent); farrier stops bringing images back 5 below.");
        static final Property<Optional<Long>> MAX_BYTES = withDefault(
                "max_bytes",
                ScalarType.orWord("none", ScalarType.size()),
                "none",
                "How large all wanted images together may be; what comes last in the list waits.");
        static final Property<Optional<Long>> MAX_RATE = withDefault(
                "max_rate",
                ScalarType.orWord("none", ScalarType.size()),
                "none",
                "Bytes a second that this node pulls on the average.");
        static final Property<Integer> RETURNS = withDefault(
                "returns",
                ScalarType.integer(1, 10_000),
                "12",
                "How often an hour one image is brought back; beyond it farrier asks who removes it.");
        static final Property<Duration> PATIENCE = withDefault(
                "patience",
                ScalarType.duration(MAX_INTERVAL),
                "2m",
                "How long a download may stand still before it is given up; there is no limit on the whole.");

        static final Section<FarrierConfig.Images> TYPE = Section.of(
                ImagesSection::images,
                SYSTEM_DEFAULT_REGISTRY,
                KEEP,
                LISTS,
                PROFILES,
                MODE,
                PARALLEL,
                FALLBACKS,
                LOCK,
                HOLD,
                GC_THRESHOLD,
                MAX_BYTES,
                MAX_RATE,
                RETURNS,
                PATIENCE);

        private static FarrierConfig.Images images(Values values) {
            Set<Reference> wanted = new LinkedHashSet<>(values.list(KEEP));
            Set<Path> files = new LinkedHashSet<>();
            for (ListFiles.Found found : values.list(LISTS)) {
                files.addAll(found.files());
                wanted.addAll(found.references());
            }
            return new FarrierConfig.Images(
                    values.find(SYSTEM_DEFAULT_REGISTRY),
                    List.copyOf(wanted),
                    List.copyOf(files),
                    List.copyOf(new LinkedHashSet<>(values.list(PROFILES))),
                    values.find(MODE),
                    values.get(PARALLEL),
                    new FarrierConfig.Pulls(
                            values.list(FALLBACKS),
                            values.get(LOCK),
                            values.get(HOLD),
                            values.get(GC_THRESHOLD),
                            values.get(MAX_BYTES),
                            values.get(MAX_RATE),
                            values.get(RETURNS),
                            values.get(PATIENCE)));
        }
    }

    static final class RuntimeSection {
        static final Property<FarrierConfig.Restart> RESTART = withDefault(
                "restart",
                ScalarType.choice(FarrierConfig.Restart.class),
                "never",
                "Whether farrier may restart the runtime for what a reload cannot do.");
        static final Property<Optional<Path>> SOCKET = withDefault(
                "socket",
                ScalarType.orWord("auto", ScalarType.absolutePath()),
                "auto",
                "The runtime's API socket; auto looks where each distribution has it.");

        static final Section<FarrierConfig.Runtime> TYPE = Section.of(
                values -> new FarrierConfig.Runtime(values.get(RESTART), values.get(SOCKET)), RESTART, SOCKET);
    }

    static final class CollectorSection {
        static final Property<URI> URL =
                required("url", ScalarType.url("wss"), "Where the feed goes: wss://collector.example:8470/feed.");
        static final Property<FileType.Content<List<Certificate>>> CA =
                optional("ca", FileType.certificates(), "PEM file of the CA that signed the collector's certificate.");
        static final Property<String> SHA256 = optional(
                "sha256", ScalarType.fingerprint(), "Fingerprint of the collector's certificate, instead of 'ca'.");
        static final Property<FileType.Content<Secret>> TOKEN_FILE =
                required("token_file", FileType.secret(), "File with the collector's agent token, in one line.");

        static final Section<FarrierConfig.CollectorLink> TYPE =
                Section.of(CollectorSection::link, URL, CA, SHA256, TOKEN_FILE).where(CollectorSection::check);

        private static FarrierConfig.CollectorLink link(Values values) {
            return new FarrierConfig.CollectorLink(
                    values.get(URL),
                    values.find(CA).map(file -> pem(file.value())),
                    values.find(SHA256),
                    values.get(TOKEN_FILE).value());
        }

        private static void check(Values values) {
            if (values.isWritten(CA) == values.isWritten(SHA256)) {
                values.problem(
                        values.isWritten(CA) ? SHA256 : URL,
                        "needs exactly one of 'ca' and 'sha256' beside it, to know the collector by");
            }
            values.find(CA).ifPresent(file -> CertificateRules.warnOfExpiry(values, CA, file.value()));
        }
    }

    static final class LogsSection {
        private static final ScalarType<String> PATTERN =
                ScalarType.text("a container's name, or namespace/pod/container, with '*' for any part");

        static final Property<List<String>> INCLUDE = optional(
                "include",
                ListType.of(PATTERN),
                "Containers whose logs are shipped, beside the components of Kubernetes.");
        static final Property<List<String>> EXCLUDE =
                optional("exclude", ListType.of(PATTERN), "Containers whose logs are never shipped.");
        private static final String REDACTION =
                "a regular expression that finds something, without look-around, back references and \\b";

        static final Property<List<String>> REDACT = optional(
                "redact",
                ListType.inOrder(ScalarType.text(REDACTION, LogsSection::isRedaction)),
                "What must not leave this node in a log line, beside what looks like a password, a token or a key.");
        static final Property<Long> HOLD_BYTES = withDefault(
                "hold_bytes", ScalarType.size(), "1GiB", "How much of deleted log files is held until it was shipped.");

        static final Property<List<String>> FILES = optional(
                "files",
                ListType.of(ScalarType.text("an absolute path, with '*' for any part", LogsSection::isPlainPath)),
                "Log files beside those of containers, such as /var/log/rke2/*.log; without this none.");
        static final Property<Long> HISTORY_BYTES = withDefault(
                "history_bytes",
                ScalarType.size(),
                "256MiB",
                "How much of each log is shipped that was rotated before it was first seen.");
        static final Property<Optional<Long>> NODE_RATE = withDefault(
                "node_rate",
                ScalarType.orWord("none", ScalarType.size()),
                "none",
                "Bytes a second that all logs of this node send; what is more waits in its file.");
        static final Property<Optional<Long>> LOG_RATE = withDefault(
                "log_rate",
                ScalarType.orWord("none", ScalarType.size()),
                "none",
                "Bytes a second that each log sends.");
        static final Property<List<String>> UNITS = optional(
                "units",
                ListType.of(ScalarType.text("a unit's name, such as ssh.service", LogsSection::isUnit)),
                "Units whose lines in systemd's journal are shipped, beside those of Kubernetes and its runtimes.");

        static final Section<FarrierConfig.Logs> TYPE = Section.of(
                values -> new FarrierConfig.Logs(
                        values.list(INCLUDE),
                        values.list(EXCLUDE),
                        values.list(REDACT),
                        values.list(FILES),
                        values.list(UNITS),
                        new FarrierConfig.LogBounds(
                                values.get(HOLD_BYTES),
                                values.get(HISTORY_BYTES),
                                values.get(NODE_RATE),
                                values.get(LOG_RATE))),
                INCLUDE,
                EXCLUDE,
                REDACT,
                FILES,
                UNITS,
                HOLD_BYTES,
                HISTORY_BYTES,
                NODE_RATE,
                LOG_RATE);

        /** Folders that are reached upwards are reached by another name, which is the one to write. */
        private static boolean isPlainPath(String path) {
            return path.startsWith("/") && !path.contains("/../") && !path.endsWith("/") && !path.contains("**");
        }

        /** As systemd.unit(5) has it, so that none is a pattern to journalctl or a path. */
        private static boolean isUnit(String name) {
            return name.matches("[A-Za-z0-9:_.@\\\\-]{1,240}\\.(service|socket|mount|timer|path|target|scope)");
        }

        private static boolean isRedaction(String pattern) {
            try {
                Redactor.check(pattern);
                return true;
            } catch (IllegalArgumentException notRegular) {
                return false;
            }
        }
    }

    static final class IntervalsSection {
        static final Property<Duration> RECONCILE =
                interval("reconcile", "60s", "How often the node is compared with the configuration.");
        static final Property<Duration> HEALTH = interval("health", "10s", "How often health is sampled.");
        static final Property<Duration> IMAGES = interval("images", "5m", "How often wanted images are looked for.");

        static final Section<FarrierConfig.Intervals> TYPE = Section.of(
                values -> new FarrierConfig.Intervals(
                        seconds(values.get(RECONCILE)), seconds(values.get(HEALTH)), seconds(values.get(IMAGES))),
                RECONCILE,
                HEALTH,
                IMAGES);

        private static Property<Duration> interval(String name, String byDefault, String doc) {
            return withDefault(name, ScalarType.duration(MAX_INTERVAL), byDefault, doc);
        }

        private static int seconds(Duration duration) {
            return Math.toIntExact(duration.toSeconds());
        }
    }

    static final class ChangesSection {
        static final Property<Boolean> ALLOW_REMOVAL = withDefault(
                "allow_removal",
                ScalarType.bool(),
                "false",
                "Whether what is no longer configured goes by itself, without 'farrier apply --allow-removal'.");
        static final Property<Integer> REPAIRS_PER_HOUR = withDefault(
                "repairs_per_hour",
                ScalarType.integer(1, MAX_REPAIRS_PER_HOUR),
                "6",
                "How often the agent sets one file right within an hour before it only reports.");
        static final Property<Boolean> RESTORE_ON_PURGE = withDefault(
                "restore_on_purge",
                ScalarType.bool(),
                "false",
                "Whether purging the package gives back the files as they were before farrier; else they stay as they"
                        + " are.");

        static final Property<Optional<Duration>> SPREAD = withDefault(
                "spread",
                ScalarType.orWord("none", ScalarType.duration(MAX_INTERVAL)),
                "5m",
                "Over how long a changed configuration comes into force, each node at its own moment, so that no registry"
                        + " is asked by all nodes at once; a start and 'farrier apply' do not wait.");

        static final Section<FarrierConfig.Changes> TYPE = Section.of(
                values -> new FarrierConfig.Changes(
                        values.get(ALLOW_REMOVAL),
                        values.get(REPAIRS_PER_HOUR),
                        values.get(RESTORE_ON_PURGE),
                        values.get(SPREAD)),
                ALLOW_REMOVAL,
                REPAIRS_PER_HOUR,
                RESTORE_ON_PURGE,
                SPREAD);
    }

    static final class BudgetSection {
        static final Property<Integer> CPU = withDefault(
                "cpu",
                ScalarType.integer(1, MAX_CPU_PERCENT),
                Integer.toString(FarrierConfig.Budget.DEFAULT.cpuPercent()),
                "Percent of one core over a minute; above it the agent looks less often, then reads logs more slowly.");
        static final Property<Long> MEMORY = withDefault(
                "memory",
                ScalarType.size(),
                (FarrierConfig.Budget.DEFAULT.memoryBytes() >> 20) + "MiB",
                "Resident memory, likewise; below the service's MemoryHigh.");

        static final Section<FarrierConfig.Budget> TYPE =
                Section.of(values -> new FarrierConfig.Budget(values.get(CPU), values.get(MEMORY)), CPU, MEMORY);
    }

    static final class FindingsSection {
        static final Property<Duration> CA_UNUSED = withDefault(
                "ca_unused",
                ScalarType.duration(MAX_UNUSED),
                FarrierConfig.Findings.DEFAULT.caUnused().toDays() + "d",
                "After how many days on which nothing at a registry needed it a CA is called removable.");

        static final Section<FarrierConfig.Findings> TYPE = Section.of(
                        values -> new FarrierConfig.Findings(values.get(CA_UNUSED)), CA_UNUSED)
                .where(FindingsSection::check);

        private static void check(Values values) {
            if (values.find(CA_UNUSED).filter(unused -> unused.toDays() == 0).isPresent()) {
                values.problem(CA_UNUSED, "is counted in days: at least 1d");
            }
        }
    }

    static final class ManageSection {
        private static final Map<FarrierConfig.KeptFile, Property<FarrierConfig.Manage>> FILES = files();

        static final Section<Map<FarrierConfig.KeptFile, FarrierConfig.Manage>> TYPE =
                Section.of(ManageSection::manage, FILES.values().toArray(Property<?>[]::new));

        private static Map<FarrierConfig.KeptFile, Property<FarrierConfig.Manage>> files() {
            Map<FarrierConfig.KeptFile, Property<FarrierConfig.Manage>> files =
                    new EnumMap<>(FarrierConfig.KeptFile.class);
            for (FarrierConfig.KeptFile file : FarrierConfig.KeptFile.values()) {
                files.put(file, property(file));
            }
            return files;
        }

        private static Property<FarrierConfig.Manage> property(FarrierConfig.KeptFile file) {
            return withDefault(
                    file.word(),
                    ScalarType.choice(FarrierConfig.Manage.class),
                    "auto",
                    "auto: keep it unless somebody else writes it. own: keep it. report: say what is missing. off: do"
                            + " not look.");
        }

        private static Map<FarrierConfig.KeptFile, FarrierConfig.Manage> manage(Values values) {
            Map<FarrierConfig.KeptFile, FarrierConfig.Manage> manage = new EnumMap<>(FarrierConfig.KeptFile.class);
            FILES.forEach((file, property) -> manage.put(file, values.get(property)));
            return manage;
        }
    }

    static final Property<Mode> MODE = withDefault(
            "mode",
            ScalarType.choice(Mode.class),
            "observe",
            "observe: plan and report, change nothing. keep: make it so. off: do not even look.");
    static final Property<FarrierConfig.Node> NODE = section("node", NodeSection.TYPE, "What this node is.");
    static final Property<List<FarrierConfig.Registry>> REGISTRIES = optional(
            "registries", ListType.byKey("host", RegistrySection.TYPE), "Private registries this node must trust.");
    static final Property<Map<String, FarrierConfig.Mirror>> MIRRORS = optional(
            "mirrors",
            new MapType<>(MirrorSection::upstream, MirrorSection.TYPE),
            "Endpoints that answer for an upstream registry such as docker.io, by its name, or \"*\".");
    static final Property<FarrierConfig.Docker> DOCKER = section("docker", DockerSection.TYPE, "Docker alone.");
    static final Property<FarrierConfig.Images> IMAGES =
            section("images", ImagesSection.TYPE, "Images this node must have before a pod asks for them.");
    static final Property<FarrierConfig.Runtime> RUNTIME =
            section("runtime", RuntimeSection.TYPE, "How farrier deals with the container runtime.");
    static final Property<FarrierConfig.CollectorLink> COLLECTOR =
            optional("collector", CollectorSection.TYPE, "Where this node reports; without it, it reports nowhere.");
    static final Property<FarrierConfig.Logs> LOGS = section("logs", LogsSection.TYPE, "Which logs are shipped.");
    static final Property<FarrierConfig.Intervals> INTERVALS =
            section("intervals", IntervalsSection.TYPE, "How often farrier looks.");
    static final Property<FarrierConfig.Changes> CHANGES =
            section("changes", ChangesSection.TYPE, "How far the agent goes by itself.");
    static final Property<Map<FarrierConfig.KeptFile, FarrierConfig.Manage>> MANAGE =
            section("manage", ManageSection.TYPE, "Who owns which file of the runtime.");
    static final Property<FarrierConfig.Findings> FINDINGS =
            section("findings", FindingsSection.TYPE, "When something becomes a finding.");
    static final Property<FarrierConfig.Budget> BUDGET =
            section("budget", BudgetSection.TYPE, "What the agent may cost the node before it gives up work.");
    static final Property<Path> STATE_DIR = withDefault(
            "state_dir",
            ScalarType.absolutePath(),
            FarrierConfig.DEFAULT_STATE_DIR.toString(),
            "Where farrier keeps what it must remember.");

    static final Section<FarrierConfig> TYPE = Section.of(
            values -> new FarrierConfig(
                    values.get(MODE),
                    values.get(NODE),
                    values.list(REGISTRIES),
                    values.map(MIRRORS),
                    values.get(DOCKER),
                    values.get(IMAGES),
                    values.get(RUNTIME),
                    values.find(COLLECTOR),
                    values.get(LOGS),
                    values.get(INTERVALS),
                    values.get(CHANGES),
                    values.get(MANAGE),
                    values.get(FINDINGS),
                    values.get(BUDGET),
                    values.get(STATE_DIR)),
            MODE,
            NODE,
            REGISTRIES,
            MIRRORS,
            DOCKER,
            IMAGES,
            RUNTIME,
            COLLECTOR,
            LOGS,
            INTERVALS,
            CHANGES,
            MANAGE,
            FINDINGS,
            BUDGET,
            STATE_DIR);

    private static String notBlank(String name, String what) {
        if (name.isBlank()) {
            throw new IllegalArgumentException(what + " needs a name");
        }
        return name;
    }

    private static byte[] pem(List<Certificate> certificates) {
        return Certificates.toPem(certificates).getBytes(US_ASCII);
    }
}
