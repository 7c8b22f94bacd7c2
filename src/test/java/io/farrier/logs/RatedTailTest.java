package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.sample.ContainerSample;
import io.farrier.testing.DockerLogs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A flood waits in its file: nothing is lost, and the others go on. */
class RatedTailTest {
    private static final int RATE = 10_000;
    private static final int LINES = 2_000;

    @TempDir
    Path folder;

    @Test
    void aLogThatFloodsWaitsAndTheOthersDoNot() throws IOException {
        DockerLogs docker = new DockerLogs(folder.resolve("docker"));
        ContainerSample noisy = docker.create("noisy");
        ContainerSample quiet = docker.create("quiet");
        List<String> flood = write(docker, noisy, LINES);
        List<String> few = write(docker, quiet, 3);
        try (TailedFolder node = new TailedFolder(folder.resolve("state"), WantedLogs.withRates(Rate.NONE, RATE))) {
            node.tail().containers(docker.table());
            turn(node);

            assertThat(node.collector.linesOf("quiet")).isEqualTo(few);
            assertThat(bytes(node.collector.linesOf("noisy"))).isPositive().isLessThanOrEqualTo(RATE);

            node.pass(Duration.ofMillis(500));
            turn(node);
            assertThat(bytes(node.collector.linesOf("noisy"))).isBetween(RATE + 1, RATE * 3 / 2);

            for (int second = 0; second < 100; second++) {
                node.pass(Duration.ofSeconds(1));
                turn(node);
            }
            assertThat(node.collector.linesOf("noisy")).isEqualTo(flood);
            assertThat(node.collector.lost()).isEmpty();
        }
    }

    @Test
    void aNodeSendsNoMoreThanItMayAndComesToAllOfItsLogs() throws IOException {
        DockerLogs docker = new DockerLogs(folder.resolve("docker"));
        List<String> written = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            written.addAll(write(docker, docker.create(name), LINES));
        }
        try (TailedFolder node = new TailedFolder(folder.resolve("state"), WantedLogs.withRates(RATE, Rate.NONE))) {
            node.tail().containers(docker.table());
            for (int second = 1; second <= 6; second++) {
                turn(node);
                assertThat(bytes(node.collector.lines())).isLessThanOrEqualTo(second * RATE);
                node.pass(Duration.ofSeconds(1));
            }
            for (String name : List.of("a", "b", "c")) {
                assertThat(node.collector.linesOf(name)).as(name).isNotEmpty();
            }

            for (int second = 0; second < 100; second++) {
                node.pass(Duration.ofSeconds(1));
                turn(node);
            }
            assertThat(node.collector.lines()).containsExactlyInAnyOrderElementsOf(written);
        }
    }

    private static void turn(TailedFolder node) {
        for (int i = 0; i < 5; i++) {
            node.tail().turn();
            node.collector.ack(Integer.MAX_VALUE, node.tail()::ack);
        }
    }

    private static List<String> write(DockerLogs docker, ContainerSample container, int lines) {
        List<String> written = new ArrayList<>();
        for (int i = 0; i < lines; i++) {
            written.add(docker.write(container));
        }
        return written;
    }

    private static int bytes(List<String> lines) {
        return lines.stream().mapToInt(line -> line.length() + 1).sum();
    }
}
