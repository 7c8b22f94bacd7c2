package io.farrier.testing;

import static org.awaitility.Awaitility.await;

import io.farrier.pki.issue.CertificateAuthority;
import io.farrier.pki.issue.CertifiedKey;
import io.farrier.pki.issue.ServerNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A program of {@code src/test/python} that plays a collector beside a practice node, with a certificate and a token of
 * its own. Debian's python3-websockets must be there: without it the start fails and names the package.
 */
public final class PythonCollector implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Debian's own, whatever else is in the path: its packages belong to it. */
    private static final String PYTHON = "/usr/bin/python3";

    private static final Pattern LISTENING = Pattern.compile("\"listening\": (\\d+)");

    private final PracticeNode node;
    private final Path folder;
    private final List<String> command;
    private Process process;
    private int port;

    private PythonCollector(PracticeNode node, String program, List<String> arguments) {
        this.node = node;
        this.folder = node.directory().resolve("python-collector");
        this.command = new ArrayList<>(List.of(PYTHON, "src/test/python/" + program, "--host", node.hostAddress()));
        command.addAll(List.of("--cert", folder + "/server.crt", "--key", folder + "/server.key"));
        command.addAll(arguments);
        furnish();
        this.process = start();
    }

    /** Starts it, and gives the agent its CA and its token. */
    public static PythonCollector beside(PracticeNode node, String program, String... arguments) {
        return new PythonCollector(node, program, List.of(arguments));
    }

    /** The token's file as this machine sees it; it is there before a program starts. */
    public static Path tokenFile(PracticeNode node) {
        return node.file("/etc/farrier/secrets/token");
    }

    /** The section of farrier.yaml that connects a node to it. */
    public String section() {
        return """
                collector:
                  url: wss://%s:%d/feed
                  ca: certs/collector-ca.crt
                  token_file: secrets/token
                """.formatted(node.hostAddress(), port);
    }

    /** kill -9; returns when it is gone. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** On the same port. */
    public void restart() {
        process = start();
    }

    /** What it has printed since its start, both streams. */
    public String output() {
        try {
            return Files.readString(folder.resolve("output"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void furnish() {
        CertificateAuthority ca = CertificateAuthority.create("A collector in Python", Clock.systemUTC());
        CertifiedKey server = ca.issueServer(ServerNames.of(List.of(node.hostAddress())), Clock.systemUTC());
        write(folder.resolve("server.crt"), server.chainPem());
        write(folder.resolve("server.key"), server.keyPem().reveal());
        write(tokenFile(node), "practice-token-0123456789\n");
        write(node.file("/etc/farrier/certs/collector-ca.crt"), ca.certificatePem());
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Process start() {
        List<String> line = new ArrayList<>(command);
        line.addAll(List.of("--port", String.valueOf(port)));
        Process started;
        try {
            started = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("output").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await().atMost(PATIENCE).until(() -> output().contains("listening") || !started.isAlive());
        Matcher listening = LISTENING.matcher(output());
        if (!listening.find()) {
            throw new AssertionError("It does not listen:\n" + output());
        }
        port = Integer.parseInt(listening.group(1));
        return started;
    }

    @Override
    public void close() {
        kill();
    }
}
