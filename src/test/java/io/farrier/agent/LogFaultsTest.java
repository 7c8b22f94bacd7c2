package io.farrier.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.farrier.sample.ContainerSample;
import io.farrier.testing.DockerLogs;
import io.farrier.testing.SmallDisk;
import io.farrier.testing.Wire;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Seeded runs of an agent and a collector, while both are killed, the connection is cut or slow, the disk of either is
 * full, the state of either is damaged and the agent's clock jumps: each line is in the store exactly once, and no loss is
 * declared. What damage to the files that hold the lines may cost is what was stored before; StoreFaultsTest counts that by
 * blocks. {@code packaging/bench.sh faults} runs 1,000; the seed of a failing run is its parameter, and {@code faults 1
 * SEED} repeats it.
 */
final class LogFaultsTest {
    private static final int FAULTS = 5;
    private static final int LINES_AT_ONCE = 150;
    private static final int MAX_FILE = 60;
    private static final int DISK_MEGABYTES = 48;

    /** So many seeds run in this process for one whose agent and collector are processes, and kill is the kernel's. */
    private static final int SEEDS_PER_REAL_KILL = 20;

    /** Folders of a collector's state. */
    private static final Set<Path> HOLDING_LINES = Set.of(Path.of("journal"), Path.of("nodes"));

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final List<String> story = new ArrayList<>();
    private final List<ContainerSample> containers = new ArrayList<>();

    /** Written before a file that holds lines was damaged: the damage may cost them. */
    private final Set<Integer> mayBeMissing = new HashSet<>();

    private DockerLogs docker;
    private Wire wire;
    private SmallDisk agentDisk;
    private @Nullable SmallDisk collectorDisk;
    private StoredLines stored;
    private KillablePair.Ground ground;
    private KillablePair pair;
    private Random random;
    private int written;

    static LongStream seeds() {
        long first = Long.getLong("farrier.logs.first", 1);
        return LongStream.range(first, first + Integer.getInteger("farrier.logs.seeds", 20));
    }

    @BeforeEach
    void theGroundIsThere() throws Exception {
        docker = new DockerLogs(folder.resolve("docker"));
        wire = new Wire();
        agentDisk = SmallDisk.mount(folder.resolve("agent-disk"), DISK_MEGABYTES);
        List<String> logs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ContainerSample container = docker.create("etcd" + i);
            containers.add(container);
            logs.add(container.logPath());
        }
        Path table = Files.write(folder.resolve("table"), logs);
        ground = new KillablePair.Ground(folder, agentDisk, table, wire);
    }

    @AfterEach
    void stop() throws Exception {
        pair.close();
        wire.close();
        stored.close();
        agentDisk.close();
        if (collectorDisk != null) {
            collectorDisk.close();
        }
        vertx.close().toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void eachLineIsStoredExactlyOnceWhateverGoesWrong(long seed) throws Exception {
        random = new Random(seed);
        pair = seed % SEEDS_PER_REAL_KILL == 0 ? processes() : new KillablePair.InProcess(ground, vertx, seed);
        stored = new StoredLines(vertx, pair.collectorState());
        pair.startCollector();
        pair.startAgent();
        for (int i = 0; i < FAULTS; i++) {
            write();
            fault();
            write();
        }
        wire.slowDown(0);

        await().atMost(PATIENCE)
                .pollDelay(Duration.ofMillis(20))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertEachIsThereOnce(seed));
        assertThat(pair.bothRun()).as("run %d: %s", seed, story).isTrue();
    }

    private KillablePair processes() throws IOException {
        Path mountPoint = folder.resolve("collector-disk");
        collectorDisk = SmallDisk.mount(mountPoint, DISK_MEGABYTES);
        return new KillablePair.Processes(ground, mountPoint, collectorDisk);
    }

    private void assertEachIsThereOnce(long seed) {
        List<Integer> found = stored.numbers(pair.port());
        Set<Integer> missing = new TreeSet<>();
        for (int line = 1; line <= written; line++) {
            missing.add(line);
        }
        missing.removeAll(new HashSet<>(found));
        missing.removeAll(mayBeMissing);
        assertThat(missing).as("missing in run %d: %s", seed, story).isEmpty();
        assertThat(found).as("run %d: %s", seed, story).doesNotHaveDuplicates();
        assertThat(stored.losses(pair.port()))
                .as("declared lost in run %d: %s", seed, story)
                .isEmpty();
    }

    private void write() throws IOException {
        ContainerSample container = containers.get(random.nextInt(containers.size()));
        int lines = 1 + random.nextInt(LINES_AT_ONCE);
        for (int i = 0; i < lines; i++) {
            docker.write(container);
        }
        written += lines;
        // Never so often that a file goes which nobody has seen: that loss is another test's.
        if (random.nextInt(3) == 0) {
            docker.rotate(container, MAX_FILE);
            tell("rotate " + container.name());
        }
    }

    private void fault() throws Exception {
        switch (random.nextInt(9)) {
            case 0 -> restartAgent("kill the agent", () -> {});
            case 1 -> restartCollector("kill the collector", () -> {});
            case 2 -> cut();
            case 3 -> slow();
            case 4 -> restartAgent("damage the agent's state", this::damageAgent);
            case 5 -> restartCollector("damage the collector's state", this::damageStore);
            case 6 -> fillTheAgents();
            case 7 -> fillTheCollectors();
            default -> jump();
        }
    }

    private interface Meanwhile {
        void happens() throws Exception;
    }

    private void restartAgent(String what, Meanwhile meanwhile) throws Exception {
        tell(what);
        pair.killAgent();
        meanwhile.happens();
        write();
        pair.startAgent();
    }

    private void restartCollector(String what, Meanwhile meanwhile) throws Exception {
        tell(what);
        pair.killCollector();
        meanwhile.happens();
        write();
        pair.startCollector();
    }

    private void cut() {
        tell("cut the connection");
        wire.cut();
    }

    private void slow() {
        int kilobytes = 16 << random.nextInt(4);
        tell("slow down to " + kilobytes + " KB/s");
        wire.slowDown(kilobytes);
    }

    private void damageAgent() throws IOException {
        damageOneOf(Damage.filesOf(pair.agentState()));
    }

    private void damageStore() throws IOException {
        Path damaged = damageOneOf(Damage.filesOf(pair.collectorState()));
        if (StreamSupport.stream(damaged.spliterator(), false).anyMatch(HOLDING_LINES::contains)) {
            IntStream.rangeClosed(1, written).forEach(mayBeMissing::add);
        }
    }

    private Path damageOneOf(List<Path> files) throws IOException {
        Path file = files.get(random.nextInt(files.size()));
        tell(Damage.random(random).to(file, random));
        return file;
    }

    private void fillTheAgents() throws Exception {
        tell("fill the agent's disk");
        fill(agentDisk);
    }

    /** In this process the collector has no disk of its own, because its SQLite could not reach it. */
    private void fillTheCollectors() throws Exception {
        if (collectorDisk == null) {
            fillTheAgents();
            return;
        }
        tell("fill the collector's disk");
        fill(collectorDisk);
    }

    /** Until something was written that did not fit, or was to be acknowledged. */
    private void fill(SmallDisk disk) throws Exception {
        disk.fill();
        long before = wire.passed();
        write();
        await().atMost(PATIENCE)
                .pollDelay(Duration.ofMillis(5))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> wire.passed() > before);
        write();
        disk.makeRoom();
        tell("make room");
    }

    private void jump() throws IOException {
        long seconds = (random.nextBoolean() ? 1 : -1) * (1L << random.nextInt(28));
        tell("the agent's clock jumps by " + seconds + " s");
        Files.writeString(ground.clock(), Long.toString(seconds));
    }

    private void tell(String what) {
        story.add(what);
    }
}
