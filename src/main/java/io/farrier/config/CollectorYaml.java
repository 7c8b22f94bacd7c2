package io.farrier.config;

import static io.farrier.config.Property.optional;
import static io.farrier.config.Property.required;
import static io.farrier.config.Property.section;
import static io.farrier.config.Property.withDefault;

import io.farrier.image.RegistryHost;
import io.farrier.pki.Certificate;
import io.farrier.secret.Secret;
import java.nio.file.Path;
import java.util.List;
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
    static final Property<CollectorConfig.OwnCertificate> TLS =
            optional("tls", TlsSection.TYPE, "A certificate of your own, instead of one the collector makes.");

    static final Section<CollectorConfig> TYPE = Section.of(
            values -> new CollectorConfig(
                    values.get(LISTEN_ON),
                    values.list(NAMES),
                    values.get(STATE_DIR),
                    values.get(PACKAGES),
                    values.get(RETENTION),
                    values.find(TLS)),
            LISTEN_ON,
            NAMES,
            STATE_DIR,
            PACKAGES,
            RETENTION,
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
