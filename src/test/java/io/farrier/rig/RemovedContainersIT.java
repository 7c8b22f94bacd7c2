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

/**
 * Containers that come, write and are removed while the collector is down, and an agent that is killed before it can tell
 * anybody. {@code -Dfarrier.containers=200} is the long form.
 */
final class RemovedContainersIT {
    private static final int CONTAINERS = Integer.getInteger("farrier.containers", 20);
    private static final int LINES = 1000;

    /** A line takes about this on disk as Docker writes it; each container's lines fill more than one file. */
    private static final int BYTES = 1200;

    private static final String NODE = "removed";
    private static final Duration PATIENCE = Duration.ofSeconds(60 + 10L * CONTAINERS);

    @RegisterExtension
    final PracticeNode node = PracticeNode.named(NODE).patience(PATIENCE);

    @Test
    void allLinesOfContainersThatWereRemovedBeforeTheCollectorCameBackAreStoredOnce() {
        try (TestCollector collector = TestCollector.beside(node)) {
            configure(collector);
            writeAndRemove(collector);
            collector.restart();
            try (RunningFarrier agent = node.startFarrier("agent")) {
                for (int n = 1; n <= CONTAINERS; n++) {
                    String container = "job-" + n;
                    awaitLast(collector, container);
                    assertThat(StoredNumbers.of(collector, NODE, container))
                            .as(container)
                            .containsExactlyElementsOf(
                                    LongStream.rangeClosed(1, LINES).boxed().toList());
                }
                assertThat(losses(collector)).isEmpty();
                await().atMost(PATIENCE).untilAsserted(() -> assertThat(held()).isEmpty());
                assertThat(agent.isAlive()).isTrue();
            }
        }
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
                                docker run -d --name job-$n --network none --log-opt max-size=1m --log-opt max-file=3 %2$s \
                                    /bin/sh -c 'pad=$(printf "%%0%3$dd" 0); i=0; while [ $i -lt %4$d ]; do i=$((i+1)); \
                                    echo "line $i of a job $pad"; done' >/dev/null
                                docker wait job-$n >/dev/null
                                # As the kubelet does, which looks at a container before it goes.
                                until grep -q '"container":"job-'$n'"' /var/lib/farrier/cursors; do sleep 0.05; done
                                docker rm job-$n >/dev/null
                            done
                            """.formatted(CONTAINERS, node.busybox(), BYTES, LINES))
                    .succeeded();
            assertThat(node.docker("ps", "-aq").out()).isEmpty();
            assertThat(held()).isNotEmpty();
            agent.kill();
        }
    }

    private void configure(TestCollector collector) {
        node.configure("mode: keep\nlogs: {include: [\"job-*\"]}\n" + collector.section());
    }

    private static void awaitLast(TestCollector collector, String container) {
        collector.awaitApi(
                "/api/logs?node=" + NODE + "&container=" + container + "&q=line+" + LINES + "+of&limit=1",
                seen -> seen.path("lines").size() == 1);
    }

    private static JsonNode losses(TestCollector collector) {
        return collector.api("/api/nodes/" + NODE).path("losses");
    }

    private List<String> held() {
        return node.exec("sh", "-c", "find " + node.directory() + "/data/farrier-held -type f 2>/dev/null; true")
                .out()
                .lines()
                .toList();
    }
}
