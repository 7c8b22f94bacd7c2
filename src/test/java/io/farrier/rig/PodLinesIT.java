package io.farrier.rig;

import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.testing.CriPod;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.RunningFarrier;
import io.farrier.testing.TestCollector;
import io.farrier.transport.Http;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Pods of a real containerd, whose log files this test rotates, compresses and removes as the kubelet does. */
final class PodLinesIT {
    private static final String NAME = "pod-lines";
    private static final long MEMORY = 64 << 20;
    private static final int LINES = 4000;
    private static final int ROTATIONS = 7;
    private static final int LONG_BYTES = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @RegisterExtension
    static final PracticeNode NODE =
            PracticeNode.named(NAME).runtime("containerd").seeded(PAUSE);

    private static final Pattern LINE = Pattern.compile(".*line (\\d+) of a pod");

    private static final Vertx VERTX = Vertx.vertx();
    private static final Http HTTP = new Http(VERTX);

    private int written;

    @BeforeAll
    static void pullTheImage() throws IOException {
        Path folder = NODE.file("/etc/containerd/certs.d").resolve(NODE.registry());
        Files.createDirectories(folder);
        Files.copy(NODE.registryCa(), folder.resolve("ca.crt"));
        NODE.configure("mode: keep\nimages: {keep: [\"" + image() + "\"]}\n");
        NODE.farrier("images", "pull").succeeded();
    }

    @AfterAll
    static void stop() {
        HTTP.close();
        VERTX.close();
    }

    @Test
    void everyLineIsStoredOnceThroughRotationKillsAnAbsentCollectorAndRemoval() throws IOException {
        try (TestCollector collector = TestCollector.beside(NODE);
                CriPod pod = pod("kube-system", "counting")) {
            NODE.configure("mode: keep\n" + collector.section());
            RunningFarrier agent = NODE.startFarrier("agent").says("welcomed this node");
            try {
                String container = pod.run("counter", 0, image(), MEMORY, counting(1, LINES));
                Path log = NODE.file(pod.logFolder()).resolve("counter/0.log");
                for (int n = 1; n <= ROTATIONS; n++) {
                    awaitLine(log, n * LINES / (ROTATIONS + 1));
                    rotate(pod, container, log, n);
                    if (n % 2 == 0) {
                        agent.kill();
                        agent = NODE.startFarrier("agent").says("welcomed this node");
                    }
                    if (n == ROTATIONS - 1) {
                        collector.kill();
                    }
                }
                awaitLine(log, LINES);
                String again = pod.run("counter", 1, image(), MEMORY, counting(LINES + 1, LINES + 100));
                awaitLine(log.resolveSibling("1.log"), LINES + 100);
                CursorsOf cursors = new CursorsOf(NODE, PATIENCE);
                cursors.awaitLog(log.getParent().getFileName() + "/1.log");
                pod.remove(container);
                pod.remove(again);
                remove(log.getParent());
                cursors.awaitEndOfAll();
                agent.kill();
                collector.restart();
                agent = NODE.startFarrier("agent");
                // Held until acknowledged, and acknowledged when stored.
                await().atMost(PATIENCE).untilAsserted(() -> assertThat(held()).isEmpty());

                assertThat(StoredNumbers.of(collector, NAME, "counter"))
                        .as(() -> collector
                                .api("/api/nodes/" + NAME)
                                .path("sources")
                                .toPrettyString())
                        .containsExactlyElementsOf(
                                LongStream.rangeClosed(1, LINES + 100).boxed().toList());
                assertThat(collector.api("/api/nodes/" + NAME).path("losses")).isEmpty();
            } finally {
                agent.close();
            }
        }
    }

    @Test
    void aLineOfAMegabyteIsFoundWholeInAPodThatIsShippedByItsLabel() throws IOException {
        try (TestCollector collector = TestCollector.beside(NODE);
                CriPod pod = pod("shop", "long");
                RunningFarrier agent = startedWith(collector)) {
            pod.run(
                    "writer",
                    0,
                    image(),
                    MEMORY,
                    "echo -n BEGIN; i=0; while [ $i -lt 16384 ]; do i=$((i+1)); echo -n 0123456789abcdef0123456789abcdef"
                            + "0123456789abcdef0123456789abcde.; [ $((i % 500)) -ne 0 ] || echo beside >&2; done;"
                            + " echo END; sleep 60");

            JsonNode found = collector.awaitApi(
                    "/api/logs?node=" + NAME + "&container=writer&q=BEGIN&limit=2",
                    seen -> seen.path("lines").size() == 1
                            && seen.path("lines").get(0).path("text").asText().endsWith("END"));

            assertThat(found.path("lines").get(0).path("text").asText())
                    .startsWith("BEGIN0123")
                    .hasSize(LONG_BYTES + "BEGIN".length() + "END".length());
            assertThat(collector
                            .api("/api/nodes/" + NAME)
                            .path("sources")
                            .get(0)
                            .path("labels")
                            .toString())
                    .contains("\"namespace\":\"shop\"", "\"label.team\":\"lines\"");
            assertThat(agent.isAlive()).isTrue();
        }
    }

    private static RunningFarrier startedWith(TestCollector collector) {
        NODE.configure("mode: keep\nlogs: {include: [\"label:team=lines\"]}\n" + collector.section());
        return NODE.startFarrier("agent").says("welcomed this node");
    }

    private static CriPod pod(String namespace, String name) throws IOException {
        return new CriPod(HTTP, NODE.containerdSocket(), NODE.cgroup(), namespace, name);
    }

    private static String counting(int from, int to) {
        return ("i=%d; while [ $i -lt %d ]; do i=$((i+1)); echo \"line $i of a pod\"; [ $((i %% 20)) -ne 0 ] ||"
                        + " usleep 80000; done; sleep 60")
                .formatted(from - 1, to);
    }

    /** kubernetes: pkg/kubelet/logs/container_log_manager.go: what was rotated before is compressed first. */
    private static void rotate(CriPod pod, String container, Path log, int second) throws IOException {
        try (Stream<Path> files = Files.list(log.getParent())) {
            List<Path> rotated = files.filter(file -> file.toString().matches(".*\\.log\\.[0-9-]+"))
                    .toList();
            for (Path file : rotated) {
                compress(file);
            }
        }
        Files.move(log, log.resolveSibling(log.getFileName() + ".20261129-1504%02d".formatted(second)));
        pod.reopenLog(container);
    }

    private static void compress(Path file) throws IOException {
        Path draft = file.resolveSibling(file.getFileName() + ".tmp");
        try (OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(draft))) {
            Files.copy(file, gzip);
        }
        Files.move(draft, file.resolveSibling(file.getFileName() + ".gz"), StandardCopyOption.ATOMIC_MOVE);
        Files.delete(file);
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    private void awaitLine(Path log, int number) {
        await().atMost(PATIENCE).until(() -> {
            written = Math.max(written, lastNumber(log.getParent()));
            return written >= number;
        });
    }

    /** In the files that are not compressed. */
    private static int lastNumber(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> !file.toString().matches(".*(gz|tmp)"))
                    .flatMap(PodLinesIT::lines)
                    .map(LINE::matcher)
                    .filter(Matcher::matches)
                    .mapToInt(line -> Integer.parseInt(line.group(1)))
                    .max()
                    .orElse(0);
        } catch (NoSuchFileException notYet) {
            return 0;
        }
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readString(file).lines();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String held() {
        return NODE.exec("sh", "-c", "find /var/log/farrier-held -type f")
                .succeeded()
                .out();
    }

    private static String image() {
        return NODE.registry() + "/" + PAUSE;
    }
}
