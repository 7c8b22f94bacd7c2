package io.farrier.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.farrier.collector.RunningPort;
import io.farrier.testing.SmallDisk;
import io.farrier.testing.Wire;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An agent and a collector, joined by a wire, each of which can end without a word. */
interface KillablePair extends AutoCloseable {
    Duration START = Duration.ofSeconds(60);

    void startCollector() throws Exception;

    void killCollector() throws Exception;

    void startAgent() throws Exception;

    void killAgent() throws Exception;

    /** The agent's state folder as it is now. */
    Path agentState();

    int port();

    boolean bothRun();

    @Override
    void close() throws Exception;

    /** The folder of the collector's state, as this process sees it. */
    Path collectorState();

    /** Where the pair has its files, and what leads from one to the other. */
    record Ground(Path folder, SmallDisk agentDisk, Path table, Wire wire) {
        Path clock() {
            return folder.resolve("agent.clock");
        }

        URI url() {
            return URI.create("wss://127.0.0.1:" + wire.port() + "/feed");
        }
    }

    /** Each is a process of its own; kill -9. */
    final class Processes implements KillablePair {
        private final Ground ground;
        private final Path mountPoint;
        private final SmallDisk collectorDisk;
        private @Nullable Process agent;
        private @Nullable Process collector;
        private int port;

        /** @param collectorDisk on which the collector has its state */
        Processes(Ground ground, Path mountPoint, SmallDisk collectorDisk) {
            this.ground = ground;
            this.mountPoint = mountPoint;
            this.collectorDisk = collectorDisk;
        }

        @Override
        public void startCollector() throws Exception {
            Path said = ground.folder().resolve("collector.out");
            collector = java(
                    collectorDisk.inside(),
                    "io.farrier.collector.CollectorProcess",
                    said,
                    mountPoint.resolve("collector"),
                    port);
            await().atMost(START)
                    .pollInterval(Duration.ofMillis(20))
                    .untilAsserted(() -> assertThat(Files.readString(said)).contains("port "));
            port = Integer.parseInt(Files.readString(said).replaceAll("(?s).*port ([0-9]+).*", "$1"));
            ground.wire().leadTo(port);
        }

        @Override
        public void killCollector() throws Exception {
            kill(collector);
        }

        @Override
        public void startAgent() throws IOException {
            Path said = ground.folder().resolve("agent.out");
            agent = java(
                    List.of(),
                    ShippingAgent.class.getName(),
                    said,
                    agentState(),
                    ground.url(),
                    collectorState().resolve("agent.token"),
                    collectorState().resolve("ca.crt"),
                    ground.table(),
                    ground.clock());
            await().atMost(START)
                    .pollInterval(Duration.ofMillis(20))
                    .untilAsserted(() -> assertThat(Files.readString(said)).contains("started"));
        }

        @Override
        public void killAgent() throws Exception {
            kill(agent);
        }

        @Override
        public Path agentState() {
            return ground.agentDisk().path().resolve("agent");
        }

        @Override
        public Path collectorState() {
            return collectorDisk.path().resolve("collector");
        }

        @Override
        public int port() {
            return port;
        }

        @Override
        public boolean bothRun() {
            return agent != null && agent.isAlive() && collector != null && collector.isAlive();
        }

        @Override
        public void close() throws Exception {
            kill(agent);
            kill(collector);
        }

        private static Process java(List<String> before, String main, Path output, Object... arguments)
                throws IOException {
            List<String> command = new ArrayList<>(before);
            command.addAll(List.of(
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

        private static void kill(@Nullable Process process) throws InterruptedException {
            if (process != null) {
                process.destroyForcibly().waitFor();
            }
        }
    }

    /**
     * Both in this process, which is a hundred times cheaper. The agent's end is as abrupt for its state: its folder is
     * renamed first, so that no cursor reaches the disk any more, and the next agent begins with what was there then. The
     * collector stores what it has, but nobody hears of it.
     */
    final class InProcess implements KillablePair {
        private final Ground ground;
        private final Vertx vertx;
        private final Random random;
        private @Nullable Agent agent;
        private @Nullable RunningPort collector;
        private int lives;
        private int port;

        InProcess(Ground ground, Vertx vertx, long seed) {
            this.ground = ground;
            this.vertx = vertx;
            this.random = new Impatient(seed);
        }

        @Override
        public void startCollector() throws Exception {
            collector = RunningPort.start(vertx, collectorState(), port);
            port = collector.port();
            ground.wire().leadTo(port);
        }

        @Override
        public void killCollector() throws Exception {
            ground.wire().cut();
            if (collector != null) {
                collector.close();
                collector = null;
            }
        }

        @Override
        public void startAgent() throws IOException {
            Agent made = ShippingAgent.make(
                    agentState(),
                    ground.url(),
                    collectorState().resolve("agent.token"),
                    Optional.of(collectorState().resolve("ca.crt")),
                    ground.table(),
                    clock(),
                    vertx,
                    random);
            made.start();
            agent = made;
        }

        @Override
        public void killAgent() throws Exception {
            Path before = agentState();
            lives++;
            Files.move(before, agentState());
            ground.wire().cut();
            if (agent != null) {
                agent.close();
                agent = null;
            }
        }

        @Override
        public Path agentState() {
            return ground.agentDisk().path().resolve("agent" + lives);
        }

        @Override
        public Path collectorState() {
            return ground.folder().resolve("collector");
        }

        @Override
        public int port() {
            return port;
        }

        @Override
        public boolean bothRun() {
            return agent != null && collector != null;
        }

        @Override
        public void close() throws Exception {
            if (agent != null) {
                agent.close();
            }
            killCollector();
        }

        private Clock clock() {
            return new ShippingAgent.WrongClock(ground.clock());
        }

        /** Draws short waits, so that a run is not mostly waiting for the next attempt to connect. */
        private static final class Impatient extends Random {
            private static final long serialVersionUID = 1;

            Impatient(long seed) {
                super(seed);
            }

            @Override
            public long nextLong(long bound) {
                return super.nextLong(Math.max(1, bound / 10));
            }
        }
    }
}
