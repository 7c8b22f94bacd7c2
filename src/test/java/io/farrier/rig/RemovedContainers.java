package io.farrier.rig;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.testing.SystemdNode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/**
 * Containers write, Docker rotates their files, both are deleted, and the agent dies by kill -9 before the collector has said
 * that it has the lines: inside the shipped unit, where each path that may be written is a mount (SAFETY 8).
 * {@code -Dfarrier.containers=200} is the long form.
 */
final class RemovedContainers {
    private static final int CONTAINERS = Integer.getInteger("farrier.containers", 20);
    private static final int LINES = 1000;

    /** A line takes about this on disk: a container's fill three files of 1 MB, none of which rotation deletes. */
    private static final int BYTES = 2400;

    private static final Duration PATIENCE = Duration.ofSeconds(120 + 10L * CONTAINERS);

    /** Some at a time: a call to the machine may take two minutes. */
    private static final int BATCH = 10;

    private static final String NODE = "node";

    interface Step {
        void run() throws IOException;
    }

    private final SystemdNode node;
    private final Function<String, JsonNode> api;

    private RemovedContainers(SystemdNode node, Function<String, JsonNode> api) {
        this.node = node;
        this.api = api;
    }

    /**
     * @param stop ends the collector; it says no ack until {@code start}
     * @param api what the collector answers to a path
     */
    static void arriveWhole(SystemdNode node, Step stop, Step start, Function<String, JsonNode> api)
            throws IOException {
        RemovedContainers removed = new RemovedContainers(node, api);
        stop.run();
        removed.write();
        removed.awaitHolds();
        node.shell("docker rm -f $(docker ps -aq --filter name=job-)");
        node.shell("systemctl kill --kill-who=main --signal=KILL farrier");
        start.run();
        removed.arrive();
    }

    private void write() {
        for (int first = 1; first <= CONTAINERS; first += BATCH) {
            int last = Math.min(first + BATCH - 1, CONTAINERS);
            node.shell("""
                    pad=$(printf '%%0%dd' 0)
                    for n in $(seq %d %d); do
                        docker run -d --network none --name job-$n --log-opt max-size=1m --log-opt max-file=4 practice/local:1 \
                            sh -c 'i=0; while [ $i -lt %d ]; do i=$((i+1)); echo "line $i of job '$n' '$pad'"; done; sleep 100000'
                    done
                    """.formatted(BYTES, first, last, LINES));
        }
    }

    /** Each container's lines are all written, to more than one file, and each file has a second name. */
    private void awaitHolds() {
        String files = """
                for n in $(seq %d); do
                    log=$(docker inspect --format '{{.LogPath}}' job-$n)
                    test -e $log.1
                    test "$(cat $log $log.* | wc -l)" = %d
                    test -z "$(find $log $log.* -links 1)"
                done
                """.formatted(CONTAINERS, LINES);
        await(
                "the held logs of the containers",
                "0",
                () -> node.run("sh", "-euc", files).exit());
    }

    private void arrive() {
        for (int n = 1; n <= CONTAINERS; n++) {
            String job = "job-" + n;
            // The newest of its three files may come first.
            await("the lines of " + job, LINES + " lines", () -> numbers(job).size() + " lines");
            assertThat(numbers(job)).as(job).isEqualTo(everyLine());
        }
        assertThat(api.apply("/api/nodes/" + NODE).path("losses")).isEmpty();
        await(
                "the holds of files that are gone",
                "0",
                () -> node.shell("find /var/lib/docker/farrier-held -type f -links 1 2>/dev/null | wc -l"));
    }

    private List<Long> numbers(String job) {
        return StoredNumbers.of(api, NODE, job);
    }

    private static List<Long> everyLine() {
        return LongStream.rangeClosed(1, LINES).boxed().toList();
    }

    private void await(String what, String expected, Supplier<Object> value) {
        node.await(what, PATIENCE, expected, () -> value.get().toString());
    }
}
