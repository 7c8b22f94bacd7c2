package io.farrier.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.RunningFarrier;
import io.farrier.testing.TestCollector;
import java.io.File;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Containers that come, write and are removed while the collector is down, and an agent that is killed before it can tell
 * anybody. {@code -Dfarrier.containers=200} is the long form.
 */
final class RemovedContainersIT {
    private static final int CONTAINERS = Integer.getInteger("farrier.containers", 20);
    private static final int LINES = 1000;

    /** A line takes about this on disk as Docker writes it; each container's lines fill more than one file. */
    private static final int BYTES = 1200;

    private static final int FEW = 6;
    private static final long BUDGET = 2 << 20;

    /** The end of a command; each line has its number. */
    private static final String JOB = " --network none --log-opt max-size=1m --log-opt max-file=3 %s /bin/sh -c"
            + " 'pad=$(printf \"%%0" + BYTES + "d\" 0); i=0; while [ $i -lt " + LINES
            + " ]; do i=$((i+1)); echo \"line $i of a job $pad\"; done'";

    private static final String NODE = "removed";
    private static final Duration PATIENCE = Duration.ofSeconds(60 + 10L * CONTAINERS);

    @RegisterExtension
    final PracticeNode node = PracticeNode.named(NODE).patience(PATIENCE);

    @Test
    void allLinesOfContainersThatWereRemovedBeforeTheCollectorCameBackAreStoredOnce() {
        try (TestCollector collector = TestCollector.beside(node)) {
            configure(collector, "");
            writeAndRemove(collector);
            collector.restart();
            try (RunningFarrier agent = node.startFarrier("agent")) {
                await().atMost(PATIENCE).untilAsserted(() -> assertThat(held()).isEmpty());
                // Held until acknowledged, and acknowledged when stored: nothing is on its way any more.
                for (int n = 1; n <= CONTAINERS; n++) {
                    assertThat(StoredNumbers.of(collector, NODE, "job-" + n))
                            .as("job-" + n)
                            .containsExactlyElementsOf(all());
                }
                assertThat(losses(collector)).isEmpty();
                assertThat(agent.isAlive()).isTrue();
            }
        }
    }

    @Test
    void whatTheBudgetCouldNotHoldIsDeclaredLostToTheByte() {
        try (TestCollector collector = TestCollector.beside(node)) {
            configure(collector, ", hold_bytes: 2MiB");
            try (RunningFarrier agent = node.startFarrier("agent")) {
                agent.says("welcomed this node");
                collector.kill();
                Map<String, Long> written = writeMeasureAndRemove(FEW);
                await().atMost(PATIENCE)
                        .untilAsserted(
                                () -> assertThat(heldBytes()).isPositive().isLessThanOrEqualTo(BUDGET));
                collector.restart();
                await().atMost(PATIENCE).untilAsserted(() -> assertThat(held()).isEmpty());

                await().atMost(PATIENCE)
                        .untilAsserted(
                                () -> assertThat(storedAndLost(collector)).isEqualTo(written));
                assertThat(losses(collector).toString()).contains("the hold budget of " + BUDGET + " bytes");
                assertThat(agent.isAlive()).isTrue();
            }
        }
    }

    @Test
    void containersThatGoAtOnceAreStoredOnceOrDeclaredLost() {
        try (TestCollector collector = TestCollector.beside(node)) {
            configure(collector, "");
            try (RunningFarrier agent = node.startFarrier("agent")) {
                agent.says("welcomed this node");
                awaitListener(collector);
                for (int n = 1; n <= FEW; n++) {
                    node.exec(
                                    "sh",
                                    "-c",
                                    "docker run --rm --name job-" + n + JOB.formatted(node.busybox()) + " >/dev/null")
                            .succeeded();
                }
                await().atMost(PATIENCE).untilAsserted(() -> {
                    for (int n = 1; n <= FEW; n++) {
                        assertStoredOrDeclared(collector, "job-" + n);
                    }
                });
                assertThat(agent.isAlive()).isTrue();
            }
        }
    }

    private static void assertStoredOrDeclared(TestCollector collector, String container) {
        List<Long> stored = StoredNumbers.of(collector, NODE, container);
        if (!losses(collector).toString().contains('"' + container + '"')) {
            assertThat(stored)
                    .as(() -> container + " of " + collector.api("/api/nodes/" + NODE))
                    .containsExactlyElementsOf(all());
        }
        assertThat(stored).as(container).doesNotHaveDuplicates();
    }

    /** Afterwards neither the containers nor an agent are there, and the collector knows nothing of either. */
    private void writeAndRemove(TestCollector collector) {
        try (RunningFarrier agent = node.startFarrier("agent")) {
            agent.says("welcomed this node");
            collector.kill();
            node.exec("sh", "-c", """
                            set -e
                            n=0
                            while [ $n -lt %1$d ]; do
                                n=$((n + 1))
                                docker run -d --name job-$n%2$s >/dev/null
                                docker wait job-$n >/dev/null
                                # As the kubelet does, which looks at a container before it goes.
                                until grep -q '"container":"job-'$n'"' /var/lib/farrier/cursors; do sleep 0.05; done
                                docker rm job-$n >/dev/null
                            done
                            """.formatted(CONTAINERS, JOB.formatted(node.busybox())))
                    .succeeded();
            assertThat(node.docker("ps", "-aq").out()).isEmpty();
            assertThat(held()).isNotEmpty();
            new CursorsOf(node, PATIENCE).awaitEndOfAll();
            agent.kill();
        }
    }

    /** What comes and goes before the agent listens to Docker leaves no trace. */
    private void awaitListener(TestCollector collector) {
        node.runScript("canary", "sleep 600");
        awaitContainers(collector, 1);
        node.docker("rm", "--force", "canary").succeeded();
        awaitContainers(collector, 0);
    }

    private static void awaitContainers(TestCollector collector, int number) {
        collector.awaitApi(
                "/api/containers?node=" + NODE,
                seen -> seen.path("containers").isArray()
                        && seen.path("containers").size() == number);
    }

    /** @return the bytes of each container's files before they went; the agent has seen all containers */
    private Map<String, Long> writeMeasureAndRemove(int containers) {
        String measured = node.exec("sh", "-c", """
                        set -e
                        n=0
                        while [ $n -lt %d ]; do
                            n=$((n + 1))
                            docker run -d --name job-$n%s >/dev/null
                            docker wait job-$n >/dev/null
                            until grep -q '"container":"job-'$n'"' /var/lib/farrier/cursors; do sleep 0.05; done
                            echo "job-$n $(cat $(docker inspect -f '{{.LogPath}}' job-$n)* | wc -c)"
                            docker rm job-$n >/dev/null
                        done
                        """.formatted(containers, JOB.formatted(node.busybox())))
                .succeeded()
                .out();
        return measured.lines()
                .map(line -> line.split(" "))
                .collect(Collectors.toMap(words -> words[0], words -> Long.valueOf(words[1])));
    }

    /** Bytes by container, as the collector knows them. */
    private static Map<String, Long> storedAndLost(TestCollector collector) {
        JsonNode known = collector.api("/api/nodes/" + NODE);
        Map<String, Long> bytes = new HashMap<>();
        known.path("sources")
                .forEach(source -> bytes.merge(
                        source.path("container").asText(), source.path("bytes").asLong(), Long::sum));
        known.path("losses")
                .forEach(loss -> bytes.merge(
                        loss.path("container").asText(),
                        loss.path("to").asLong() - loss.path("from").asLong(),
                        Long::sum));
        return bytes;
    }

    private static List<Long> all() {
        return LongStream.rangeClosed(1, LINES).boxed().toList();
    }

    private void configure(TestCollector collector, String more) {
        node.configure("mode: keep\nlogs: {include: [\"job-*\"]" + more + "}\n" + collector.section());
    }

    private static JsonNode losses(TestCollector collector) {
        return collector.api("/api/nodes/" + NODE).path("losses");
    }

    private long heldBytes() {
        return held().stream().mapToLong(file -> new File(file).length()).sum();
    }

    private List<String> held() {
        return node.exec("sh", "-c", "find " + node.directory() + "/data/farrier-held -type f 2>/dev/null; true")
                .out()
                .lines()
                .toList();
    }
}
