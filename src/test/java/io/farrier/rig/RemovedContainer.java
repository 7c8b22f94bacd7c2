package io.farrier.rig;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.testing.SystemdNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * A container writes, its files are deleted, and the agent dies by kill -9 before the collector has said that it has the
 * lines: inside the shipped unit, where each path that may be written is a mount (SAFETY 8).
 */
final class RemovedContainer {
    private static final int COUNT = 1000;
    private static final Duration SOON = Duration.ofMinutes(2);

    /** The container's lines at the collector. */
    static final String LINES = "/api/logs?node=node&container=lines&limit=1000";

    interface Step {
        void run() throws IOException;
    }

    interface Question {
        JsonNode ask() throws IOException;
    }

    private RemovedContainer() {}

    /** @param stop ends the collector; it says no ack until {@code start} */
    static void arrivesWhole(SystemdNode node, Step stop, Step start, Question lines) throws IOException {
        stop.run();
        node.shell("docker run -d --network none --name lines practice/local:1 sh -c 'for i in $(seq " + COUNT
                + "); do echo line $i; done; sleep 1000'");
        node.await(
                "the held log of the container",
                SOON,
                "true",
                () -> Boolean.toString(node.run(
                                        "sh",
                                        "-c",
                                        "f=$(docker inspect --format '{{.LogPath}}' lines); test \"$(wc -l <$f)\" = "
                                                + COUNT + " && test \"$(stat -c %h $f)\" -ge 2")
                                .exit()
                        == 0));
        node.shell("docker rm -f lines");
        node.shell("systemctl kill --kill-who=main --signal=KILL farrier");
        start.run();

        await(node, lines);
        List<String> all = texts(lines.ask());
        assertThat(all).doesNotHaveDuplicates().hasSize(COUNT);
        node.await(
                "the holds of files that are gone",
                SOON,
                "0",
                () -> node.shell("find /var/lib/docker/farrier-held -type f -links 1 2>/dev/null | wc -l"));
    }

    private static void await(SystemdNode node, Question lines) {
        Supplier<String> count = () -> {
            try {
                return Integer.toString(new TreeSet<>(texts(lines.ask())).size());
            } catch (IOException notYet) {
                return notYet.toString();
            }
        };
        node.await("the lines at the collector", SOON, Integer.toString(COUNT), count);
    }

    private static List<String> texts(JsonNode answer) {
        List<String> texts = new ArrayList<>();
        answer.path("lines")
                .forEach(line -> texts.add(line.path("text").asText().strip()));
        return texts;
    }
}
