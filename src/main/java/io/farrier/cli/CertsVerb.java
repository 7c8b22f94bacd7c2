package io.farrier.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.image.RegistryHost;
import io.farrier.pki.Certificate;
import io.farrier.pki.issue.CertificateAuthority;
import io.farrier.pki.issue.CertifiedKey;
import io.farrier.pki.issue.KeyFolder;
import io.farrier.pki.issue.KeyFolder.Pair;
import io.farrier.pki.issue.ServerNames;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** What an operator needs so that a registry can be trusted: a CA, a certificate with names in it, a look at either. */
@Command(name = "certs", description = "Make a CA or a registry's certificate, or show one.")
final class CertsVerb extends Verb {
    /** A hundred years; X.509 itself ends in the year 9999. */
    private static final int MAX_DAYS = 36_500;

    @Override
    public Integer call() {
        throw new ParameterException(spec().commandLine(), "'certs' needs one of: ca, issue, show.");
    }

    /** What was made, and what goes where. */
    private static void report(Verb verb, CertifiedKey made, List<String> sentences) {
        if (verb.wantsJson()) {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.set("certificate", CertsScreen.json(made.certificate()));
            sentences.forEach(json.putArray("next")::add);
            verb.screen().json(json);
            return;
        }
        sentences.forEach(verb.screen()::line);
    }

    private static String until(Certificate certificate) {
        return "valid until " + LocalDate.ofInstant(certificate.notAfter(), ZoneOffset.UTC);
    }

    private static Duration lifetime(Verb verb, int days) {
        if (days < 1 || days > MAX_DAYS) {
            throw new ParameterException(
                    verb.spec().commandLine(), "--days is " + days + "; it must be 1 to " + MAX_DAYS + ".");
        }
        return Duration.ofDays(days);
    }

    @Command(
            name = "ca",
            description = "Make a CA: ca.crt, which every node may have, and ca.key (0600), which stays with you. An"
                    + " existing CA is never overwritten.")
    static final class Ca extends Verb {
        @Option(
                names = "--name",
                paramLabel = "TEXT",
                defaultValue = "Registry CA",
                description = "what people read as the issuer (default: Registry CA)")
        String name = "Registry CA";

        @Option(
                names = "--days",
                paramLabel = "N",
                defaultValue = "3650",
                description = "how long it is valid (default: 3650)")
        int days = 3650;

        @Option(
                names = "--dir",
                paramLabel = "DIR",
                defaultValue = ".",
                description = "where to write (default: the current directory)")
        Path dir = Path.of(".");

        @Override
        public Integer call() throws IOException {
            Duration lifetime = lifetime(this, days);
            KeyFolder folder = KeyFolder.at(dir);
            folder.requireFree(Pair.CA);
            CertificateAuthority made = CertificateAuthority.create(name, lifetime, Clock.systemUTC());
            folder.write(Pair.CA, made.certificatePem(), made.keyPem());
            report(
                    this,
                    made.certifiedKey(),
                    List.of(
                            "Made the CA '" + name + "', " + until(made.certificate()) + ".",
                            folder.certificateOf(Pair.CA)
                                    + " is for the nodes: name it as 'ca' of the registry in farrier.yaml, or copy it"
                                    + " to /etc/docker/certs.d/HOST:PORT/ca.crt.",
                            folder.keyOf(Pair.CA)
                                    + " is not: whoever reads it can be any registry to your nodes. Keep it off them.",
                            "Next: farrier certs issue --ca " + dir + " REGISTRY-NAME..."));
            return ExitCode.DONE;
        }
    }

    @Command(
            name = "issue",
            description =
                    "Issue a registry's certificate below a CA of 'farrier certs ca', with every name and address in"
                            + " the certificate where Docker and containerd look for it.")
    static final class Issue extends Verb {
        private static final Pattern WITH_PORT = Pattern.compile("(?:[^:]+|\\[.*]):\\d{1,5}");
        private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

        @Parameters(
                paramLabel = "NAME",
                arity = "1..*",
                description = "every name and address that nodes reach the registry by: registry.example, 10.0.0.5,"
                        + " 2001:db8::5; a port may stand behind it and does not count. With --client: the"
                        + " one name of the client")
        List<String> names = List.of();

        @Option(names = "--client", description = "a client's pair instead: client.cert and client.key, for certs.d")
        boolean client;

        @Option(
                names = "--ca",
                paramLabel = "DIR",
                defaultValue = ".",
                description = "where ca.crt and ca.key are (default: the current directory)")
        Path ca = Path.of(".");

        @Option(
                names = "--dir",
                paramLabel = "DIR",
                defaultValue = ".",
                description = "where to write (default: the current directory)")
        Path dir = Path.of(".");

        @Option(
                names = "--file",
                paramLabel = "NAME",
                defaultValue = "",
                description = "the files' name without its ending (default: registry, or client)")
        String file = "";

        @Option(
                names = "--days",
                paramLabel = "N",
                defaultValue = "365",
                description = "how long it is valid, at most as long as its CA (default: 365)")
        int days = 365;

        @Option(names = "--replace", description = "replace an existing certificate and key of that name")
        boolean replace;

        @Override
        public Integer call() throws IOException {
            Duration lifetime = lifetime(this, days);
            Pair pair = pair();
            KeyFolder folder = KeyFolder.at(dir);
            if (!replace) {
                requireFree(folder, pair);
            }
            CertificateAuthority authority = KeyFolder.at(ca).readCa();
            CertifiedKey issued = client
                    ? authority.issueClient(onlyName(), lifetime, Clock.systemUTC())
                    : authority.issueServer(serverNames(), lifetime, Clock.systemUTC());
            folder.write(pair, issued.chainPem(), issued.keyPem());
            report(this, issued, sentences(folder, pair, issued));
            return ExitCode.DONE;
        }

        private Pair pair() {
            String name = file.isEmpty() ? (client ? "client" : "registry") : file;
            Pair pair = client ? Pair.client(name) : Pair.server(name);
            if (!FILE_NAME.matcher(name).matches() || pair.equals(Pair.CA)) {
                throw usage("--file is '" + name + "'; expected a plain name, such as registry, and not the CA's.");
            }
            return pair;
        }

        private static void requireFree(KeyFolder folder, Pair pair) throws IOException {
            try {
                folder.requireFree(pair);
            } catch (IOException there) {
                throw new IOException(there.getMessage() + " Say --replace to replace it.", there);
            }
        }

        private String onlyName() {
            if (names.size() != 1 || names.get(0).isBlank()) {
                throw usage("A client has one name; there are " + names.size() + ".");
            }
            return names.get(0);
        }

        private ServerNames serverNames() {
            try {
                return ServerNames.of(names.stream().map(Issue::withoutPort).toList());
            } catch (IllegalArgumentException noName) {
                throw usage(noName.getMessage() + ".");
            }
        }

        private static String withoutPort(String name) {
            return WITH_PORT.matcher(name).matches() ? RegistryHost.parse(name).name() : name;
        }

        private ParameterException usage(String sentence) {
            return new ParameterException(spec().commandLine(), sentence);
        }

        private List<String> sentences(KeyFolder folder, Pair pair, CertifiedKey issued) {
            String what =
                    client ? "a client certificate for " + names.get(0) : "a server certificate for " + sans(issued);
            String where = client
                    ? "Copy both to /etc/docker/certs.d/HOST:PORT/, or name them under 'client' of the registry."
                    : "In docker-registry: http.tls.certificate " + folder.certificateOf(pair) + ", http.tls.key "
                            + folder.keyOf(pair) + ".";
            return List.of(
                    "Made " + what + ", " + until(issued.certificate()) + ", signed by '"
                            + issued.last().subject() + "'.",
                    where,
                    folder.keyOf(pair) + " can be read by its owner alone (0600): make the program that serves it its"
                            + " owner.");
        }

        private static String sans(CertifiedKey issued) {
            return String.join(
                    ", ",
                    io.farrier.pki.CertificateDetails.of(issued.certificate()).names());
        }
    }

    @Command(
            name = "show",
            description = "Show the certificates of a PEM file, or those that a registry serves: names, dates, purpose,"
                    + " fingerprint, and what is wrong with them. Exits 0 when nothing is, else 3.")
    static final class Show extends Verb {
        @Parameters(paramLabel = "FILE|HOST[:PORT]", description = "a PEM file, or a server that speaks TLS")
        String what = "";

        @Override
        public Integer call() throws IOException {
            Shown shown = Shown.of(what, Clock.systemUTC().instant());
            CertsScreen.show(shown, screen(), wantsJson());
            return shown.hasFaults() ? ExitCode.FINDINGS : ExitCode.DONE;
        }
    }
}
