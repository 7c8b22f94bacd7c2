package io.farrier.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.sample.ContainerSample;
import io.farrier.testing.DockerLogs;
import io.farrier.testing.MemoryCollector;
import io.farrier.testing.RunningContainer;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What leaves a node: no secret, and nothing of whom nobody asked for. */
class RedactedTailTest {
    private static final int SECRETS = 1000;
    private static final int PIECE_BYTES = 16 << 10;
    private static final List<String> LINES = List.of(
            "db password=%s failed",
            "GET / Authorization: Bearer %s",
            "k3s server --token %s --debug",
            "pull http://robot:%s@registry.example/v2/",
            "{\"identity_token\":\"%s\"}",
            "K10c0ffee00c0ffee00::server:%s");

    @TempDir
    Path folder;

    private final MemoryCollector collector = new MemoryCollector();
    private final Random random = new Random(5);
    private final List<String> secrets = new ArrayList<>();

    @BeforeEach
    void collectorTakesAll() {
        collector.credit(1L << 40);
    }

    @Test
    void ofAThousandSecretsNoneLeavesTheNodeAndEveryByteElseDoes() throws IOException {
        DockerLogs docker = new DockerLogs(folder.resolve("docker"));
        ContainerSample etcd = docker.create("etcd");
        Path cri = folder.resolve("pods/kube-system_p_u/c/0.log");
        Files.createDirectories(cri.getParent());
        StringBuilder dockerFile = new StringBuilder();
        StringBuilder criFile = new StringBuilder();
        for (int i = 0; i < SECRETS / 2; i++) {
            write(dockerFile, i, RedactedTailTest::docker);
            write(criFile, i, RedactedTailTest::cri);
        }
        docker.append(etcd, dockerFile.toString());
        Files.writeString(cri, criFile);

        ship(List.of(etcd, container("c", "kube-system/p", cri)));

        String left = String.join("\n", collector.lines());
        assertThat(left.length()).isEqualTo(dockerFile.length() + criFile.length() - 1);
        assertThat(secrets).hasSize(SECRETS);
        for (String secret : secrets) {
            assertThat(left).doesNotContain(secret);
            assertThat(left).doesNotContain(Base64.getEncoder().encodeToString(secret.getBytes(UTF_8)));
            assertThat(left).doesNotContain(URLEncoder.encode(secret, UTF_8));
            assertThat(left).doesNotContain(secret.substring(0, 12)).doesNotContain(secret.substring(12));
        }
    }

    @Test
    void ofANamespaceThatNobodyListedNoByteIsSentOrHeld() throws IOException {
        Path log = folder.resolve("pods/bank_p_u/c/0.log");
        Files.createDirectories(log.getParent());
        Files.writeString(log, cri("customer 4711", true));

        ship(List.of(container("c", "bank/p", log)));

        assertThat(collector.lines()).isEmpty();
        assertThat(collector.opened()).isEmpty();
        assertThat(folder.resolve("farrier-held")).doesNotExist();
    }

    @Test
    void readsTheFilesThatTheKubeletRotated() throws IOException {
        Path log = folder.resolve("pods/kube-system_p_u/c/0.log");
        Files.createDirectories(log.getParent());
        Files.writeString(log.resolveSibling("0.log.20261120-150405"), cri("one", true));
        Files.writeString(log.resolveSibling("0.log.20261120-160405"), cri("two", true));
        Files.writeString(log, cri("three", true));

        ship(List.of(container("c", "kube-system/p", log)));

        assertThat(collector.lines())
                .extracting(line -> line.substring(line.lastIndexOf(' ') + 1))
                .containsExactly("one", "two", "three");
    }

    private interface Record {
        String of(String text, boolean ends);
    }

    /** Every fifth lies on the seam of a line that the runtime split. */
    private void write(StringBuilder file, int number, Record form) {
        String secret = secret();
        String line = String.format(LINES.get(number % LINES.size()), secret);
        if (number % 5 > 0) {
            file.append(form.of(line, true));
            return;
        }
        int cut = 1 + random.nextInt(line.length() - 1);
        file.append(form.of("x".repeat(PIECE_BYTES - cut - 1) + " " + line.substring(0, cut), false));
        file.append(form.of(line.substring(cut), true));
    }

    private String secret() {
        StringBuilder secret = new StringBuilder();
        while (secret.length() < 24) {
            secret.append("abcdefghijklmnopqrstuvwxyz0123456789".charAt(random.nextInt(36)));
        }
        secrets.add(secret.toString());
        return secret.toString();
    }

    private static String docker(String text, boolean ends) {
        return "{\"log\":\"" + text.replace("\"", "\\\"") + (ends ? "\\n" : "")
                + "\",\"stream\":\"stdout\",\"time\":\"2026-11-20T12:00:00.1Z\"}\n";
    }

    private static String cri(String text, boolean ends) {
        return "2026-11-20T12:00:00.1+01:00 stdout " + (ends ? "F " : "P ") + text + "\n";
    }

    private void ship(List<ContainerSample> containers) throws IOException {
        long[] now = {0};
        try (Tail tail = new Tail(
                WantedLogs.ofContainers(1L << 40),
                List.of(),
                () -> Set.of(),
                () -> true,
                collector,
                () -> now[0],
                Clock.systemUTC(),
                Optional.empty())) {
            tail.containers(containers);
            for (boolean more = true; more; ) {
                more = tail.turn();
            }
            tail.turn();
        }
    }

    private static ContainerSample container(String name, @Nullable String pod, Path log) {
        return RunningContainer.of("id-" + name, name, "i", pod, null, log.toString());
    }
}
