package io.farrier.config;

import static io.farrier.config.Property.optional;
import static io.farrier.config.Property.required;
import static io.farrier.config.Property.section;
import static io.farrier.config.Property.withDefault;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.farrier.image.RegistryHost;
import io.farrier.pki.Certificate;
import io.farrier.pki.Certificates;
import io.farrier.secret.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code farrier.yaml} can say, section by section, the larger ones in files of their own. This is the one place that
 * knows; the problems, the JSON Schema and {@code config check --show} are made from it.
 */
final class FarrierYaml {
    /** What the {@code images} room carries; a name it did not know would be a silent nothing. */
    static final List<String> PROFILES = List.of("cis-benchmark", "pause", "rancher-minimal");

    static final Duration MAX_INTERVAL = Duration.ofHours(24);

    private static final Duration MAX_UNUSED = Duration.ofDays(3650);
    private static final int MAX_REPAIRS_PER_HOUR = 60;

    /** Of one core: eight cores. */
    private static final int MAX_CPU_PERCENT = 800;

    private FarrierYaml() {}

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

    static String notBlank(String name, String what) {
        if (name.isBlank()) {
            throw new IllegalArgumentException(what + " needs a name");
        }
        return name;
    }

    static byte[] pem(List<Certificate> certificates) {
        return Certificates.toPem(certificates).getBytes(US_ASCII);
    }
}
