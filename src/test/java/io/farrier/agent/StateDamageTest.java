package io.farrier.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.farrier.sample.ContainerSample;
import io.farrier.testing.DockerLogs;
import io.farrier.testing.SmallDisk;
import io.farrier.testing.Wire;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each state file of an agent and of its collector is damaged, one after the other: both start by themselves, the lines go
 * on, and none is there twice. {@code -Dfarrier.damage.rounds} repeats it with other damage.
 */
final class StateDamageTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LINES = 20;

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final Random random = new Random(4);
    private DockerLogs docker;
    private ContainerSample container;
    private Wire wire;
    private SmallDisk disk;
    private KillablePair pair;
    private StoredLines stored;
    private int written;
    private long slowestStart;

    @BeforeEach
    void bothHaveAPast() throws Exception {
        docker = new DockerLogs(folder.resolve("docker"));
        container = docker.create("etcd0");
        wire = new Wire();
        disk = SmallDisk.mount(folder.resolve("agent-disk"), 16);
        Path table = Files.writeString(folder.resolve("table"), container.logPath());
        pair = new KillablePair.InProcess(new KillablePair.Ground(folder, disk, table, wire), vertx, 4);
        stored = new StoredLines(vertx, pair.collectorState());
        pair.startCollector();
        pair.startAgent();
        writeAndFind("the beginning");
    }

    @AfterEach
    void stop() throws Exception {
        pair.close();
        stored.close();
        wire.close();
        disk.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Test
    void bothStartWhateverHappenedToTheirFiles() throws Exception {
        for (int round = 0; round < Integer.getInteger("farrier.damage.rounds", 1); round++) {
            damageEach(true);
            damageEach(false);
        }
        System.out.println("slowest start of both: " + slowestStart / 1_000_000 + " ms");
    }

    private void damageEach(boolean ofAgent) throws Exception {
        Path state = ofAgent ? pair.agentState() : pair.collectorState();
        List<Path> names = Damage.filesOf(state).stream().map(state::relativize).toList();
        assertThat(names).hasSizeGreaterThanOrEqualTo(ofAgent ? 3 : 10);
        for (Path name : names) {
            pair.killAgent();
            pair.killCollector();
            Path file = (ofAgent ? pair.agentState() : pair.collectorState()).resolve(name);
            String what = Files.exists(file) && Files.size(file) > 0
                    ? Damage.random(random).to(file, random)
                    : "nothing";
            long start = System.nanoTime();
            pair.startCollector();
            pair.startAgent();
            slowestStart = Math.max(slowestStart, System.nanoTime() - start);
            writeAndFind(what + " (" + name + ")");
        }
    }

    private void writeAndFind(String what) {
        int before = written;
        for (int i = 0; i < LINES; i++) {
            docker.write(container);
        }
        written += LINES;
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> assertThat(stored.numbers(pair.port()))
                        .as(what)
                        .doesNotHaveDuplicates()
                        .contains(before + 1, written));
    }
}
