package io.farrier.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.farrier.pki.issue.CertificateAuthority;
import io.farrier.pki.issue.CertifiedKey;
import io.farrier.pki.issue.ServerNames;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.RunningFarrier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The real agent feeds a collector in another language, written from {@code feed.md} alone. Debian's python3-websockets
 * must be there: without it the test fails and names the package.
 */
final class FeedReceiverIT {
    private static final int LINES = 3_000;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** Debian's own, whatever else is in the path: its packages belong to it. */
    private static final String PYTHON = "/usr/bin/python3";

    private static final Pattern LISTENING = Pattern.compile("\"listening\": (\\d+)");
    private static final Pattern NUMBER = Pattern.compile("\"log\":\"line (\\d+) of etcd");

    @RegisterExtension
    final PracticeNode node = PracticeNode.named("receiver");

    private Process receiver;

    @AfterEach
    void stopTheReceiver() {
        receiver.destroyForcibly();
    }

    @Test
    void eachLineArrivesOnceThoughTheReceiverIsKilledWhileTheyFlow() throws Exception {
        furnish();
        int port = startReceiver(0);
        node.configure("""
                mode: keep
                collector:
                  url: wss://%s:%d/feed
                  ca: certs/receiver-ca.crt
                  token_file: secrets/token
                """.formatted(node.hostAddress(), port));
        node.runScript(
                "etcd",
                "for i in $(seq 1 " + LINES
                        + "); do echo \"line $i of etcd\"; [ $((i % 10)) = 0 ] && usleep 20000; done",
                "--log-opt",
                "max-size=40k",
                "--log-opt",
                "max-file=5");

        try (RunningFarrier agent = node.startFarrier("agent")) {
            awaitNumbers(LINES / 6);
            receiver.destroyForcibly().waitFor();
            assertThat(numbers()).as("lines at the time of the kill").hasSizeLessThan(LINES);
            // All the others are printed, and some of their files rotated away, while nobody receives.
            node.docker("wait", "etcd").succeeded();

            startReceiver(port);
            awaitNumbers(LINES);

            assertThat(numbers())
                    .isEqualTo(IntStream.rangeClosed(1, LINES).boxed().toList());
            assertThat(agent.isAlive()).isTrue();
        }
        assertThat(output()).doesNotContain("refused", "Traceback");
    }

    private void furnish() throws IOException {
        CertificateAuthority ca = CertificateAuthority.create("A receiver", Clock.systemUTC());
        CertifiedKey server = ca.issueServer(ServerNames.of(List.of(node.hostAddress())), Clock.systemUTC());
        write(folder().resolve("server.crt"), server.chainPem());
        write(folder().resolve("server.key"), server.keyPem().reveal());
        write(node.file("/etc/farrier/secrets/token"), "practice-token-0123456789\n");
        write(node.file("/etc/farrier/certs/receiver-ca.crt"), ca.certificatePem());
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    /** Returns the port, when it listens. */
    private int startReceiver(int port) throws IOException {
        Path script = Path.of("src/test/python/feed_receiver.py");
        ProcessBuilder command = new ProcessBuilder(PYTHON, script.toString(), "--host", node.hostAddress());
        command.command().addAll(List.of("--port", String.valueOf(port)));
        command.command().addAll(List.of("--cert", folder() + "/server.crt", "--key", folder() + "/server.key"));
        command.command()
                .addAll(List.of(
                        "--token-file", node.file("/etc/farrier/secrets/token").toString()));
        command.command().addAll(List.of("--dir", folder().resolve("received").toString()));
        receiver = command.redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.to(folder().resolve("output").toFile()))
                .start();
        await().atMost(PATIENCE).until(() -> output().contains("listening") || !receiver.isAlive());
        Matcher listening = LISTENING.matcher(output());
        assertThat(listening.find())
                .as("a receiver that listens:\n%s", output())
                .isTrue();
        return Integer.parseInt(listening.group(1));
    }

    private String output() {
        return text(folder().resolve("output"));
    }

    private void awaitNumbers(int atLeast) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(numbers()).as(output()).hasSizeGreaterThanOrEqualTo(atLeast));
    }

    /** Of the lines of all sources, as the receiver wrote them to disk. */
    private List<Integer> numbers() throws IOException {
        Path received = folder().resolve("received/receiver");
        if (!Files.isDirectory(received)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(received)) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .flatMap(file -> NUMBER.matcher(text(file)).results())
                    .map(number -> Integer.valueOf(number.group(1)))
                    .sorted()
                    .toList();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path folder() {
        return node.directory().resolve("receiver");
    }
}
