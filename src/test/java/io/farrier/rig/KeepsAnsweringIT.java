package io.farrier.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.farrier.testing.PracticeNode;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A container answers every request while a CA, an insecure registry and a mirror come and go, and neither it nor dockerd
 * is another process afterwards. More rounds: {@code -Dfarrier.rounds=50}.
 */
final class KeepsAnsweringIT {
    private static final int ROUNDS = Integer.getInteger("farrier.rounds", 5);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PORT = 8099;

    @RegisterExtension
    static final PracticeNode NODE = PracticeNode.named("rounds").daemonJson("{\n  \"debug\": true\n}\n");

    private static final String EVERYTHING = """
            mode: keep
            registries:
              - {host: "%s", ca: certs/registry-ca.crt}
              - {host: "%s", insecure: true}
            mirrors: {docker.io: {endpoints: ["https://%s"]}}
            """;

    @Test
    void aContainerAnswersEveryRequestWhileRegistriesComeAndGo() throws Exception {
        NODE.docker(
                        "run",
                        "-d",
                        "--name",
                        "web",
                        "--network",
                        "host",
                        NODE.busybox(),
                        "/bin/busybox",
                        "httpd",
                        "-f",
                        "-p",
                        Integer.toString(PORT),
                        "-h",
                        "/bin")
                .succeeded();
        await().atMost(PATIENCE).until(KeepsAnsweringIT::answers);
        String container = container();
        int dockerd = NODE.pid("dockerd");

        try (Client client = new Client()) {
            for (int round = 1; round <= ROUNDS; round++) {
                comesAndGoes(round);
                assertThat(client.failure()).as("round %d", round).isNull();
            }
            assertThat(client.answered()).isGreaterThan(ROUNDS);
            System.out.println(ROUNDS + " rounds, " + client.answered() + " requests answered, none failed");
        }
        assertThat(container()).isEqualTo(container);
        assertThat(NODE.pid("dockerd")).isEqualTo(dockerd);
    }

    private static void comesAndGoes(int round) throws IOException {
        Path ca = NODE.file("/etc/docker/certs.d/" + NODE.registry() + "/ca.crt");
        NODE.configure(EVERYTHING.formatted(NODE.registry(), NODE.plainRegistry(), NODE.registry()));
        NODE.farrier("apply").succeeded();
        assertThat(live()).as("round %d", round).contains(NODE.plainRegistry(), "https://" + NODE.registry());
        assertThat(ca).exists();

        NODE.configure("mode: keep\n");
        NODE.farrier("apply", "--allow-removal").succeeded();
        assertThat(live()).as("round %d", round).doesNotContain(NODE.plainRegistry(), NODE.registry());
        assertThat(ca).doesNotExist();
        assertThat(NODE.file("/etc/docker/daemon.json")).hasContent("{\n  \"debug\": true\n}\n");
        assertThat(Files.exists(ca.getParent())).isFalse();
    }

    private static String live() {
        return NODE.docker("info", "-f", "{{json .RegistryConfig}}").succeeded().out();
    }

    private static String container() {
        return NODE.docker("inspect", "-f", "{{.State.Pid}} {{.State.StartedAt}} {{.RestartCount}}", "web")
                .succeeded()
                .out();
    }

    private static boolean answers() {
        try {
            ask();
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static void ask() throws IOException {
        URL url =
                URI.create("http://" + NODE.address() + ":" + PORT + "/busybox").toURL();
        HttpURLConnection connection = (HttpURLConnection) url.openConnection();
        connection.setConnectTimeout((int) PATIENCE.toMillis());
        connection.setReadTimeout((int) PATIENCE.toMillis());
        connection.setRequestMethod("HEAD");
        connection.setRequestProperty("Connection", "close");
        if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
            throw new IOException("answered " + connection.getResponseCode());
        }
    }

    /** One request after the other, each on a connection of its own, until it is closed or one fails. */
    private static final class Client implements AutoCloseable {
        private static final int PAUSE_MILLIS = 5;

        private final AtomicLong answered = new AtomicLong();
        private final AtomicReference<IOException> failure = new AtomicReference<>();
        private final Thread thread = new Thread(this::askOnAndOn, "client");

        Client() {
            thread.start();
        }

        private void askOnAndOn() {
            while (!Thread.currentThread().isInterrupted()) {
                try {
                    ask();
                    answered.incrementAndGet();
                } catch (IOException failed) {
                    failure.compareAndSet(null, failed);
                    return;
                }
                java.util.concurrent.locks.LockSupport.parkNanos(
                        Duration.ofMillis(PAUSE_MILLIS).toNanos());
            }
        }

        long answered() {
            return answered.get();
        }

        IOException failure() {
            return failure.get();
        }

        @Override
        public void close() throws InterruptedException {
            thread.interrupt();
            thread.join();
        }
    }
}
