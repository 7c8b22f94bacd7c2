package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.farrier.sample.ContainerSample;
import io.farrier.testing.DockerLogs;
import io.farrier.testing.MemoryCollector;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tail that leaves the processor to others, with a real watch and a clock that the test moves. */
class UnhurriedTailTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private final MemoryCollector collector = new MemoryCollector();
    private final AtomicInteger woken = new AtomicInteger();
    private DockerLogs docker;
    private ContainerSample etcd;
    private Tail tail;
    private long now;

    @BeforeEach
    void start() throws IOException {
        docker = new DockerLogs(folder.resolve("docker"));
        etcd = docker.create("etcd");
        tail = new Tail(
                WantedLogs.ofContainers(1 << 20),
                List.of(),
                Set::of,
                () -> true,
                collector,
                () -> now,
                Clock.systemUTC(),
                FolderWatch.open(woken::incrementAndGet));
        tail.unhurried(true);
        docker.write(etcd);
        tail.containers(docker.table());
        tail.turn();
    }

    @AfterEach
    void stop() throws IOException {
        tail.close();
    }

    @Test
    void restsBetweenTurnsWhileSomethingIsWritten() throws IOException {
        docker.write(etcd);
        turnAfter(Duration.ofSeconds(1));

        assertThat(tail.leastRest()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void restsShorterWhileMuchIsWrittenSoThatNoFileComesAndGoesBetween() throws IOException {
        for (int line = 0; line < 2000; line++) {
            docker.write(etcd);
        }
        turnAfter(Duration.ofSeconds(1));

        assertThat(tail.leastRest()).isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void doesNotRestWhenAskedToHurry() throws IOException {
        tail.unhurried(false);
        docker.write(etcd);
        turnAfter(Duration.ofSeconds(1));

        assertThat(tail.leastRest()).isZero();
    }

    @Test
    void watchesAgainWhatWasAtRestForAWhileAndDoesNotLetItsFirstLineWait() throws IOException {
        turnAfter(Duration.ofSeconds(9));
        docker.write(etcd);
        turnAfter(Duration.ofSeconds(9));
        assertThat(woken)
                .as("what is written to every few seconds is looked at")
                .hasValue(0);

        turnAfter(Duration.ofSeconds(11));
        assertThat(tail.leastRest()).isZero();
        docker.write(etcd);

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(woken).hasValue(1));
    }

    @Test
    void savesAnFsyncOfTheNameOfANewLog() throws IOException {
        assertThat(fsyncs()).isEqualTo(1);

        tail.unhurried(false);
        docker.write(docker.create("new"));
        tail.containers(docker.table());
        tail.turn();

        assertThat(fsyncs()).isEqualTo(2);
    }

    @Test
    void givesNothingAwayBeforeItIsSureToLast() throws IOException {
        fsyncs();
        docker.remove(etcd);
        tail.containers(docker.table());
        turnAfter(Duration.ofSeconds(30));
        assertThat(fsyncs()).as("while it is held").isEqualTo(1);

        collector.ack(collector.unacked(), tail::ack);
        turnAfter(Duration.ofSeconds(30));

        assertThat(fsyncs()).isEqualTo(2);
    }

    private int fsyncs() {
        return tail.checkpoint().orElseThrow().fsyncs();
    }

    private void turnAfter(Duration time) {
        now += time.toNanos();
        tail.turn();
    }
}
