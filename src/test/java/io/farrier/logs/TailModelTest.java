package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.feed.Frame;
import io.farrier.sample.ContainerSample;
import io.farrier.testing.DockerLogs;
import io.farrier.testing.MemoryCollector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random writers, rotations, removals, kills, broken connections and late acks on real files: whatever the order, each
 * line is in the store exactly once. The number of a failing run reproduces it.
 */
class TailModelTest {
    private static final int STEPS = 400;
    private static final int MAX_FILE = 4;

    @TempDir
    Path folder;

    private final List<String> written = new ArrayList<>();
    private final List<String> story = new ArrayList<>();
    private final List<ContainerSample> containers = new ArrayList<>();

    private final Set<String> removed = new HashSet<>();

    /** Rotations since the tail last looked; Docker would delete the oldest beyond {@code MAX_FILE}. */
    private final Map<ContainerSample, Integer> unseen = new HashMap<>();

    private final MemoryCollector collector = new MemoryCollector();
    private DockerLogs docker;
    private CheckpointFile cursors;
    private Tail tail;
    private Random random;
    private long now;
    private long connections = 1;
    private int created;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void eachLineIsInTheStoreExactlyOnce(long seed) throws IOException {
        random = new Random(seed);
        docker = new DockerLogs(folder.resolve("docker"));
        cursors = new CheckpointFile(Files.createDirectories(folder.resolve("state")));
        tail = open();
        for (int i = 0; i < STEPS; i++) {
            step();
        }
        drain();
        tail.close();

        assertThat(collector.lines()).as("run %d: %s", seed, story).containsExactlyInAnyOrderElementsOf(written);
        assertThat(collector.lost())
                .as("run %d: %s", seed, story)
                .allSatisfy(loss -> assertThat(loss.to()).isEqualTo(Frame.Lost.UNKNOWN))
                .allSatisfy(
                        loss -> assertThat(collector.containerOf(loss.source())).isIn(removed));
    }

    private void step() throws IOException {
        now += TimeUnit.MILLISECONDS.toNanos(random.nextInt(1500));
        switch (random.nextInt(16)) {
            case 0 -> create();
            case 1, 2, 3, 4 -> write();
            case 5, 6 -> rotate();
            case 7 -> remove();
            case 8, 9, 10 -> turn();
            case 11, 12 -> ack();
            case 13 -> reconnect();
            case 14 -> checkpoint();
            default -> kill();
        }
    }

    private void create() throws IOException {
        if (containers.size() < 5) {
            ContainerSample container = docker.create("c" + created++);
            containers.add(container);
            tell("create " + container.name());
            look();
        }
    }

    private void write() {
        if (!containers.isEmpty()) {
            ContainerSample container = any();
            for (int i = random.nextInt(30); i >= 0; i--) {
                written.add(docker.write(container));
            }
            if (random.nextInt(20) == 0) {
                written.add(docker.write(container, "y".repeat(random.nextInt(600_000))));
            }
            tell("write " + container.name());
        }
    }

    private void rotate() throws IOException {
        if (!containers.isEmpty()) {
            ContainerSample container = any();
            int since = unseen.merge(container, 1, Integer::sum);
            if (since < MAX_FILE) {
                docker.rotate(container, MAX_FILE);
                tell("rotate " + container.name());
            }
        }
    }

    private void remove() throws IOException {
        if (containers.size() > 2) {
            // What was rotated since the last look is not held yet: docker rm would take it unseen.
            look();
            ContainerSample container = containers.remove(random.nextInt(containers.size()));
            docker.remove(container);
            // A kill may come before it is on record that the log went as it was.
            removed.add(container.name());
            removed.add(container.id());
            tell("remove " + container.name());
        }
    }

    private void turn() {
        tell("turn");
        collector.credit(1 + random.nextInt(400_000));
        look();
        tail.turn();
    }

    private void look() {
        tail.containers(docker.table());
        unseen.clear();
    }

    private void ack() {
        tell("ack");
        collector.ack(random.nextInt(4), tail::ack);
    }

    private void reconnect() {
        tell("reconnect");
        if (random.nextInt(3) == 0) {
            collector.disconnect();
        } else {
            collector.reconnect(++connections);
        }
    }

    private void checkpoint() throws IOException {
        tell("checkpoint");
        var checkpoint = tail.checkpoint();
        if (checkpoint.isPresent()) {
            cursors.write(checkpoint.get());
            if (random.nextBoolean()) {
                tail.written(checkpoint.get().version());
            }
        }
    }

    private void kill() throws IOException {
        tell("kill");
        // Rotations between the kill and the next look are bounded like all others.
        tail.close();
        tail = open();
        collector.reconnect(++connections);
    }

    private void drain() throws IOException {
        collector.reconnect(++connections);
        collector.credit(10 << 20);
        int quiet = 0;
        for (int i = 0; i < 5000 && quiet < 4; i++) {
            now += TimeUnit.SECONDS.toNanos(1);
            tail.containers(docker.table());
            boolean more = tail.turn();
            boolean moved = collector.unacked() > 0;
            collector.ack(Integer.MAX_VALUE, tail::ack);
            checkpoint();
            quiet = more || moved ? 0 : quiet + 1;
        }
        assertThat(quiet).as("the tail comes to rest").isEqualTo(4);
    }

    private Tail open() throws IOException {
        return new Tail(
                WantedLogs.ofContainers(1L << 40),
                cursors.content().entries(),
                () -> Set.of(folder.resolve("docker")),
                () -> true,
                collector,
                () -> now,
                Clock.systemUTC(),
                Optional.empty());
    }

    private ContainerSample any() {
        return containers.get(random.nextInt(containers.size()));
    }

    private void tell(String what) {
        story.add(what);
    }
}
