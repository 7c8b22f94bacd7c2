package io.farrier.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.farrier.sample.ContainerSample;
import io.farrier.testing.DockerLogs;
import io.farrier.testing.Wire;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Seeded runs of an agent and a collector, each a process of its own, while both are killed, the connection is cut or
 * slow, the agent's cursors and spool are damaged and its clock jumps: each line is in the store exactly once. {@code
 * packaging/bench.sh faults} runs 1,000; the seed of a failing run is its parameter. (Damage to the collector's own files
 * is StoreFaultsTest's, and a full disk FullDiskIT's.)
 */
final class LogFaultsTest {
    private static final int FAULTS = 5;
    private static final int LINES_AT_ONCE = 150;
    private static final int MAX_FILE = 60;
    private static final int START_SECONDS = 60;
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final List<String> story = new ArrayList<>();
    private final List<ContainerSample> containers = new ArrayList<>();
    private DockerLogs docker;
    private Wire wire;
    private StoredLines stored;
    private Process agent;
    private Process collector;
    private Path table;
    private Random random;
    private int port;
    private int written;

    static LongStream seeds() {
        return LongStream.rangeClosed(1, Integer.getInteger("farrier.logs.seeds", 2));
    }

    @BeforeEach
    void bothSidesRun() throws Exception {
        docker = new DockerLogs(folder.resolve("docker"));
        wire = new Wire();
        stored = new StoredLines(vertx, folder.resolve("collector"));
        List<String> logs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ContainerSample container = docker.create("etcd" + i);
            containers.add(container);
            logs.add(container.logPath());
        }
        table = Files.write(folder.resolve("table"), logs);
        startCollector();
        startAgent();
    }

    @AfterEach
    void stop() throws Exception {
        kill(agent);
        kill(collector);
        wire.close();
        stored.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(START_SECONDS, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void eachLineIsStoredExactlyOnceWhateverGoesWrong(long seed) throws Exception {
        random = new Random(seed);
        for (int i = 0; i < FAULTS; i++) {
            write();
            fault();
            write();
        }
        wire.slowDown(0);

        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(stored.numbers(port))
                        .as("run %d: %s", seed, story)
                        .isEqualTo(IntStream.rangeClosed(1, written).boxed().toList()));
        assertThat(agent.isAlive() && collector.isAlive())
                .as("run %d: %s", seed, story)
                .isTrue();
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
        switch (random.nextInt(6)) {
            case 0 -> restartAgent("kill the agent", () -> {});
            case 1 -> restartCollector();
            case 2 -> cut();
            case 3 -> slow();
            case 4 -> restartAgent("damage the agent's state", this::damage);
            default -> jump();
        }
    }

    private interface Meanwhile {
        void happens() throws Exception;
    }

    private void restartAgent(String what, Meanwhile meanwhile) throws Exception {
        tell(what);
        kill(agent);
        meanwhile.happens();
        write();
        startAgent();
    }

    private void restartCollector() throws Exception {
        tell("kill the collector");
        kill(collector);
        write();
        startCollector();
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

    /** A bit of a file is flipped, or its end is cut off. */
    private void damage() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder.resolve("agent"))) {
            files = all.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().contains("native")
                            && !file.toString().contains("key"))
                    .filter(file -> file.toFile().length() > 0)
                    .sorted()
                    .toList();
        }
        Path file = files.get(random.nextInt(files.size()));
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            long at = (long) (random.nextDouble() * bytes.length());
            if (random.nextBoolean()) {
                tell("cut " + file.getFileName() + " at " + at);
                bytes.setLength(at);
                return;
            }
            tell("flip a bit of " + file.getFileName() + " at " + at);
            bytes.seek(at);
            int before = bytes.read();
            bytes.seek(at);
            bytes.write(before ^ 1 << random.nextInt(8));
        }
    }

    private void jump() throws IOException {
        long seconds = (random.nextBoolean() ? 1 : -1) * (1L << random.nextInt(28));
        tell("the agent's clock jumps by " + seconds + " s");
        Files.writeString(folder.resolve("agent.clock"), Long.toString(seconds));
    }

    private void tell(String what) {
        story.add(what);
    }

    private void startCollector() throws Exception {
        Path said = folder.resolve("collector.out");
        collector = java("io.farrier.collector.CollectorProcess", said, folder.resolve("collector"), port);
        await().atMost(Duration.ofSeconds(START_SECONDS))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> assertThat(Files.readString(said)).contains("port "));
        port = Integer.parseInt(Files.readString(said).replaceAll("(?s).*port ([0-9]+).*", "$1"));
        wire.leadTo(port);
    }

    private void startAgent() throws IOException {
        agent = java(
                ShippingAgent.class.getName(),
                folder.resolve("agent.out"),
                folder.resolve("agent"),
                "wss://127.0.0.1:" + wire.port() + "/feed",
                folder.resolve("collector/agent.token"),
                folder.resolve("collector/ca.crt"),
                table,
                folder.resolve("agent.clock"));
    }

    private static Process java(String main, Path output, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                main));
        Stream.of(arguments).map(Object::toString).forEach(command::add);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    private static void kill(Process process) throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
