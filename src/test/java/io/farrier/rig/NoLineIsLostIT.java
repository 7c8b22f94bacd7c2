package io.farrier.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.RunningFarrier;
import io.farrier.testing.TestCollector;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Numbered lines of a real container, through kill -9 of either side: each is in the store exactly once. */
final class NoLineIsLostIT {
    private static final int LINES = 6_000;
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @RegisterExtension
    final PracticeNode node = PracticeNode.named("lines");

    @Test
    void everyLineIsInTheStoreExactlyOnceThoughBothSidesAreKilled() {
        try (TestCollector collector = TestCollector.beside(node)) {
            node.configure("mode: keep\n" + collector.section());
            // Through rotations, compressed ones, that keep for longer than an agent needs to start on a busy machine.
            node.runScript(
                    "kubelet",
                    "i=0; while [ $i -lt " + LINES + " ]; do for k in 1 2 3 4 5 6 7 8 9 10; do i=$((i+1)); "
                            + "echo \"line $i of kubelet, padded so that files rotate ........................\"; done; "
                            + "usleep 40000; done",
                    "--log-opt",
                    "max-size=250k",
                    "--log-opt",
                    "max-file=3",
                    "--log-opt",
                    "compress=true");
            for (int round = 1; round <= 3; round++) {
                try (RunningFarrier agent = node.startFarrier("agent")) {
                    awaitLines(collector, round * LINES / 8);
                    agent.kill();
                }
                collector.kill();
                try (RunningFarrier agent = node.startFarrier("agent")) {
                    agent.says("starts on lines");
                    collector.restart();
                    awaitLines(collector, round * LINES / 8 + LINES / 16);
                    agent.kill();
                }
            }
            try (RunningFarrier agent = node.startFarrier("agent")) {
                awaitLines(collector, LINES);

                // The last line is in the newest file; what is inflated from an older one may come after it.
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(numbers(collector))
                                .containsExactlyElementsOf(
                                        LongStream.rangeClosed(1, LINES).boxed().toList()));
                assertThat(agent.isAlive()).isTrue();
            }
        }
    }

    @Test
    void linesOfAContainerThatIsRemovedWhileTheCollectorIsDownStillArrive() {
        try (TestCollector collector = TestCollector.beside(node)) {
            node.configure("mode: keep\n" + collector.section());
            try (RunningFarrier agent = node.startFarrier("agent")) {
                agent.says("welcomed this node");
                collector.kill();
                node.runScript("etcd", "i=0; while [ $i -lt 1000 ]; do i=$((i+1)); echo \"line $i of etcd\"; done");
                node.docker("wait", "etcd").succeeded();
                awaitHeld();
                agent.kill();
            }
            node.docker("rm", "etcd").succeeded();
            collector.restart();
            try (RunningFarrier agent = node.startFarrier("agent")) {
                collector.awaitApi("/api/logs?node=lines&container=etcd&q=line+1000&limit=1", seen -> count(seen) == 1);

                assertThat(StoredNumbers.of(collector, "lines", "etcd"))
                        .containsExactlyElementsOf(
                                LongStream.rangeClosed(1, 1000).boxed().toList());
                assertThat(agent.isAlive()).isTrue();
                awaitNothingHeld();
            }
        }
    }

    @Test
    void whatWasRotatedAwayWhileNoAgentRanIsDeclaredLost() {
        try (TestCollector collector = TestCollector.beside(node)) {
            node.configure("mode: keep\n" + collector.section());
            node.runScript(
                    "kube-proxy",
                    "i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo \"line $i of kube-proxy\"; done; "
                            + "while [ ! -e /tmp/go ]; do usleep 50000; done; "
                            + "while [ $i -lt 5000 ]; do i=$((i+1)); echo \"line $i of kube-proxy\"; done; sleep 3600",
                    "--log-opt",
                    "max-size=20k",
                    "--log-opt",
                    "max-file=2");
            try (RunningFarrier agent = node.startFarrier("agent")) {
                collector.awaitApi(
                        "/api/logs?node=lines&container=kube-proxy&q=line+100+of&limit=1", seen -> count(seen) == 1);
                agent.kill();
            }
            node.docker("exec", "kube-proxy", "/bin/sh", "-c", ": > /tmp/go").succeeded();
            await().atMost(PATIENCE)
                    .until(() -> node.docker("logs", "--tail", "1", "kube-proxy")
                            .out()
                            .contains("line 5000 of"));
            try (RunningFarrier agent = node.startFarrier("agent")) {
                collector.awaitApi(
                        "/api/logs?node=lines&container=kube-proxy&q=line+5000+of&limit=1", seen -> count(seen) == 1);
                JsonNode losses = collector.awaitApi(
                        "/api/nodes/lines", seen -> !seen.path("losses").isEmpty());

                assertThat(losses.path("losses").toString()).contains("rotated out of sight");
                assertThat(StoredNumbers.of(collector, "lines", "kube-proxy"))
                        .as("what is there is there once")
                        .doesNotHaveDuplicates()
                        .contains(1L, 100L, 5000L)
                        .hasSizeLessThan(5000);
                assertThat(agent.isAlive()).isTrue();
            }
        }
    }

    /** Held, and its name on disk: a kill in the milliseconds between costs the name, and the lines come under the id. */
    private void awaitHeld() {
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(held()).isNotEmpty();
            assertThat(node.file("/var/lib/farrier/cursors")).content().contains("\"container\":\"etcd\"");
        });
    }

    private void awaitNothingHeld() {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(held()).isEmpty());
    }

    private List<String> held() {
        return node.exec("sh", "-c", "find " + node.directory() + "/data/farrier-held -type f 2>/dev/null; true")
                .out()
                .lines()
                .toList();
    }

    private static void awaitLines(TestCollector collector, int atLeast) {
        collector.awaitApi(
                "/api/logs?node=lines&container=kubelet&q=line+" + atLeast + "+of&limit=1", seen -> count(seen) == 1);
    }

    private static int count(JsonNode seen) {
        return seen.path("lines").size();
    }

    private static List<Long> numbers(TestCollector collector) {
        return StoredNumbers.of(collector, "lines", "kubelet");
    }
}
