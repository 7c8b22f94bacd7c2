package io.farrier.config;

import static io.farrier.config.Property.optional;
import static io.farrier.config.Property.required;
import static io.farrier.config.Property.section;
import static io.farrier.config.Property.withDefault;

import io.farrier.image.RegistryHost;
import io.farrier.pki.Certificate;
import io.farrier.rules.MultiLine;
import io.farrier.secret.Secret;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code collector.yaml} can say. */
final class CollectorYaml {
    private static final Pattern LISTEN = Pattern.compile("(.*):([0-9]{1,5})");
    private static final int MAX_PORT = 65535;
    private static final int MAX_DAYS = 3650;

    private CollectorYaml() {}

    static final class RetentionSection {
        static final Property<Integer> DAYS =
                withDefault("days", ScalarType.integer(1, MAX_DAYS), "7", "Lines older than this go.");
        static final Property<Long> SIZE =
                withDefault("size", ScalarType.size(), "2GiB", "Beyond this the oldest lines go.");

        static final Section<CollectorConfig.Retention> TYPE =
                Section.of(values -> new CollectorConfig.Retention(values.get(DAYS), values.get(SIZE)), DAYS, SIZE);
    }

    static final class PatternSection {
        private static final String EXPRESSION =
                "a regular expression of at most 1000 characters, without look-around, back references and \\b";

        static final Property<String> BEGIN = optional(
                "begin",
                ScalarType.text(EXPRESSION, PatternSection::isExpression),
                "Fits the first line of a record; the lines after it go on with it.");
        static final Property<String> CONTINUE = optional(
                "continue",
                ScalarType.text(EXPRESSION, PatternSection::isExpression),
                "Fits each line that goes on with the one before.");

        static final Section<CollectorConfig.JoinPattern> TYPE = Section.of(
                        values -> new CollectorConfig.JoinPattern(values.find(BEGIN), values.find(CONTINUE)),
                        BEGIN,
                        CONTINUE)
                .where(values -> {
                    if (values.isWritten(BEGIN) == values.isWritten(CONTINUE)) {
                        values.problem(BEGIN, "needs exactly one of 'begin' and 'continue'");
                    }
                });

        private static boolean isExpression(String text) {
            try {
                return MultiLine.goingOnWith(text) != null;
            } catch (IllegalArgumentException wrong) {
                return false;
            }
        }
    }

    static final class LinesSection {
        private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,31}");

        /** A minute for what may be under way. */
        private static final long LEAST_NODE_RATE = 64 << 10;

        static final Property<Optional<Long>> NODE_RATE = withDefault(
                "node_rate",
                ScalarType.orWord("none", ScalarType.size()),
                "none",
                "Bytes of log lines a second that each node may send; what is more waits at the node.");
        static final Property<Map<String, CollectorConfig.JoinPattern>> PATTERNS = optional(
                "patterns",
                new MapType<>(LinesSection::checkName, PatternSection.TYPE),
                "Which lines belong together, by names of your own, for searches with 'join'.");
        static final Property<Map<String, String>> JOIN = optional(
                "join",
                new MapType<>(container -> {}, ScalarType.text("the name of a pattern")),
                "The pattern of each container's lines, for searches with 'join=auto'.");

        static final Section<CollectorConfig.Lines> TYPE = Section.of(
                        values -> new CollectorConfig.Lines(
                                values.get(NODE_RATE), values.map(PATTERNS), values.map(JOIN)),
                        NODE_RATE,
                        PATTERNS,
                        JOIN)
                .where(LinesSection::check);

        private static void check(Values values) {
            values.get(NODE_RATE)
                    .filter(rate -> rate < LEAST_NODE_RATE)
                    .ifPresent(rate -> values.problem(
                            NODE_RATE,
                            "is " + rate
                                    + " bytes a second, in which a node never catches up; expected 64KiB or more"));
            checkJoin(values);
        }

        private static void checkName(String name) {
            if (!NAME.matcher(name).matches() || name.equals("auto") || MultiLine.isBuiltIn(name)) {
                throw new IllegalArgumentException(
                        "is not a free name; expected a-z, 0-9 and '-', and none of auto, java, go, python, traces");
            }
        }

        private static void checkJoin(Values values) {
            Map<String, CollectorConfig.JoinPattern> own = values.map(PATTERNS);
            values.map(JOIN).forEach((container, pattern) -> {
                if (!own.containsKey(pattern) && !MultiLine.isBuiltIn(pattern)) {
                    values.problem(
                            JOIN,
                            "gives container '" + container + "' the pattern '" + pattern
                                    + "', which is neither in 'patterns' nor one of java, go, python, traces");
                }
            });
        }
    }

    static final class TlsSection {
        static final Property<FileType.Content<List<Certificate>>> CERT =
                required("cert", FileType.certificates(), "PEM file of the certificate, its chain after it.");
        static final Property<FileType.Content<Secret>> KEY =
                required("key", FileType.privateKey(), "PEM file of its private key, without a passphrase.");

        static final Section<CollectorConfig.OwnCertificate> TYPE = Section.of(
                        values -> new CollectorConfig.OwnCertificate(
                                values.get(CERT).file(), values.get(KEY).file()),
                        CERT,
                        KEY)
                .where(values -> CertificateRules.checkPair(values, CERT, KEY));
    }

    static final Property<CollectorConfig.Listen> LISTEN_ON = withDefault(
            "listen",
            new ScalarType<>(
                    "an address and port such as 0.0.0.0:8470, [::1]:8470 or :8470",
                    CollectorYaml::listen,
                    ScalarType.schema("type", "string", "pattern", "^.*:[0-9]{1,5}$")),
            "0.0.0.0:8470",
            "Where agents and browsers connect.");
    static final Property<List<String>> NAMES = optional(
            "names",
            ListType.of(ScalarType.text("a host name or address", CollectorYaml::isName)),
            "Further names and addresses that the collector's own certificate is valid for.");
    static final Property<Path> STATE_DIR = withDefault(
            "state_dir",
            ScalarType.absolutePath(),
            "/var/lib/farrier-collector",
            "Where the collector keeps what it received, its CA and its secrets.");
    static final Property<Path> PACKAGES = withDefault(
            "packages",
            ScalarType.absolutePath(),
            "/var/lib/farrier-collector/packages",
            "The .deb files in here are handed out to nodes that are being installed.");
    static final Property<CollectorConfig.Retention> RETENTION =
            section("retention", RetentionSection.TYPE, "How long and how much is kept.");
    static final Property<CollectorConfig.Lines> LINES =
            section("lines", LinesSection.TYPE, "How log lines come, and which are shown as one.");
    static final Property<CollectorConfig.OwnCertificate> TLS =
            optional("tls", TlsSection.TYPE, "A certificate of your own, instead of one the collector makes.");

    static final Section<CollectorConfig> TYPE = Section.of(
            values -> new CollectorConfig(
                    values.get(LISTEN_ON),
                    values.list(NAMES),
                    values.get(STATE_DIR),
                    values.get(PACKAGES),
                    values.get(RETENTION),
                    values.get(LINES),
                    values.find(TLS)),
            LISTEN_ON,
            NAMES,
            STATE_DIR,
            PACKAGES,
            RETENTION,
            LINES,
            TLS);

    private static CollectorConfig.Listen listen(String text) {
        Matcher matcher = LISTEN.matcher(text);
        ScalarType.require(matcher.matches());
        String host = matcher.group(1);
        int port = Integer.parseInt(matcher.group(2));
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException("port " + port + " is out of range (1 to " + MAX_PORT + ")");
        }
        boolean isEverywhere = host.isEmpty() || host.equals("0.0.0.0") || host.equals("[::]");
        ScalarType.require(isEverywhere || isBracketedOrName(host));
        return new CollectorConfig.Listen(isEverywhere ? "" : host.replaceAll("[\\[\\]]", ""), port);
    }

    private static boolean isName(String text) {
        return isBracketedOrName(text.indexOf(':') >= 0 ? "[" + text + "]" : text);
    }

    /** The grammar of a registry host without its port is that of any host. */
    private static boolean isBracketedOrName(String host) {
        try {
            return RegistryHost.parse(host).port().isEmpty();
        } catch (IllegalArgumentException notAHost) {
            return false;
        }
    }
}
