package io.farrier.agent;

import static org.awaitility.Awaitility.await;

import io.farrier.config.FarrierConfig.CollectorLink;
import io.farrier.feed.Encoding;
import io.farrier.feed.Zstandard;
import io.farrier.secret.Secret;
import io.farrier.testing.HostCollector;
import io.farrier.testing.PackagedJava;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/** Many nodes in this process, and the collector that they have in common. */
final class Fleet implements AutoCloseable {
    /** Whoever was refused last comes back within this, however unlucky its draws; then it has some time for its hello. */
    private static final Duration RETURN = Backoff.LONGEST.plusSeconds(20);

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** Below those that the kernel gives to connections: one of them could come out where the collector was. */
    private static final int FIRST_PORT = 20_000;

    private static final int PORTS = 10_000;
    private static final int TRIES = 100;
    private static final int WARM_UP_SHARE = 4;
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final HostCollector collector;
    private final double startCpuSeconds;
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));

    /** Of the one that may flood: what it sends is not in the way of what others send. */
    private final Vertx vertxOfFirst =
            Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));

    private final List<FleetNode> nodes = new ArrayList<>();
    private final ScheduledExecutorService writer =
            Executors.newSingleThreadScheduledExecutor(Threads.named("fleet-writer"));
    private boolean isClosed;

    /**
     * How nodes came back.
     *
     * @param refused connection attempts in the busiest second in which the collector was not there
     * @param knocks attempts in the busiest second since
     * @param perSecond the mean until all were welcome
     * @param perNode attempts since; 1 when none was in vain
     * @param halfSeconds until half of all nodes were welcome
     * @param caughtUpSeconds until all that was written meanwhile was acknowledged
     * @param cpuSeconds of the collector until then
     * @param startCpuSeconds of a start to which nobody comes
     */
    record Comeback(
            Duration outage,
            int refused,
            int knocks,
            double perSecond,
            double perNode,
            double halfSeconds,
            double allSeconds,
            double caughtUpSeconds,
            double cpuSeconds,
            double startCpuSeconds,
            double peakRssMb) {}

    /** From the writing of a line to its ack, in milliseconds. */
    record Latency(int lines, double p50, double p99, double max) {
        static Latency of(List<Long> nanos) {
            List<Long> sorted = nanos.stream().sorted().toList();
            return new Latency(
                    sorted.size(),
                    sorted.get(sorted.size() / 2) / 1e6,
                    sorted.get(sorted.size() * 99 / 100) / 1e6,
                    sorted.get(sorted.size() - 1) / 1e6);
        }
    }

    /** Of all nodes but the one that floods. */
    record Fairness(Latency calm, Latency flooded, Flood.Report flood) {}

    /** With the package's Java options. */
    static HostCollector collector(Path folder) throws IOException {
        return HostCollector.in(folder, "127.0.0.1", freePort(), PackagedJava.options("collector"));
    }

    /**
     * @param collector nobody has come to it yet
     * @param folder the nodes' disks
     */
    Fleet(int size, HostCollector collector, Path folder) throws IOException {
        this.collector = collector;
        this.startCpuSeconds = new ProcessMeter(collector.pid()).cpuSeconds();
        CollectorLink link = new CollectorLink(
                URI.create(collector.url().replace("https", "wss") + "/feed"),
                Optional.of(Files.readAllBytes(collector.state("ca.crt"))),
                Optional.empty(),
                Secret.of(Files.readString(collector.state("agent.token")).strip()));
        List<String> encodings = Zstandard.load(folder.resolve("native"))
                ? List.of(Encoding.ZSTD.word(), Encoding.DEFLATE.word())
                : List.of(Encoding.DEFLATE.word());
        Log log = new Log(System::nanoTime);
        for (int i = 0; i < size; i++) {
            String name = "node-" + i;
            nodes.add(new FleetNode(name, folder.resolve(name), link, encodings, i == 0 ? vertxOfFirst : vertx, log));
        }
    }

    private static int freePort() throws IOException {
        Random random = new Random();
        for (int i = 0; i < TRIES; i++) {
            int port = FIRST_PORT + random.nextInt(PORTS);
            try (ServerSocket free = new ServerSocket()) {
                free.bind(new InetSocketAddress(port));
                return port;
            } catch (IOException taken) {
                // Another one.
            }
        }
        throw new IOException("of " + TRIES + " ports none is free");
    }

    List<FleetNode> nodes() {
        return nodes;
    }

    /** Returns when all are welcome. */
    void start() {
        nodes.forEach(FleetNode::start);
        awaitAll(PATIENCE, "welcome", FleetNode::isWelcome);
    }

    /** A line each second on each node from the {@code first} on. */
    private void writeFrom(int first) {
        for (int i = first; i < nodes.size(); i++) {
            long offset = SECOND_NANOS * i / nodes.size();
            writer.scheduleAtFixedRate(nodes.get(i)::write, offset, SECOND_NANOS, TimeUnit.NANOSECONDS);
        }
    }

    /** Each node writes a line each second from now on. */
    void write() {
        writeFrom(0);
    }

    /** Kill -9, and a start after the outage, while nodes go on writing. */
    Comeback loseCollectorFor(Duration outage) throws Exception {
        long killed = System.nanoTime();
        collector.kill();
        pass(outage);
        collector.restart();
        nodes.forEach(FleetNode::setGoal);
        awaitAll(RETURN, "welcome", node -> node.isWelcome() && node.welcomedAt() - killed > 0);
        awaitAll(PATIENCE, "acknowledged", FleetNode::hasReachedGoal);
        ProcessMeter meter = new ProcessMeter(collector.pid());
        double cpu = meter.cpuSeconds();

        List<Long> welcomed = sorted(FleetNode::welcomedAt);
        long back = sorted(FleetNode::letInAt).get(0);
        long all = welcomed.get(welcomed.size() - 1);
        Knocks.Count down = knocks(killed, back);
        Knocks.Count up = knocks(back, all);
        return new Comeback(
                Duration.ofNanos(back - killed),
                down.inWorstSecond(),
                up.inWorstSecond(),
                up.all() / Math.max(1, seconds(back, all)),
                (double) up.all() / nodes.size(),
                seconds(back, welcomed.get(welcomed.size() / 2)),
                seconds(back, all),
                seconds(back, sorted(FleetNode::goalReachedAt).get(nodes.size() - 1)),
                cpu,
                startCpuSeconds,
                meter.peakRssMb());
    }

    /** The first node floods; as long without the flood as with it, after a short one in which everything gets compiled. */
    Fairness besideFlood(Duration time) throws Exception {
        writeFrom(1);
        flood(time.dividedBy(WARM_UP_SHARE));
        awaitAll(PATIENCE, "acknowledged", node -> node != nodes.get(0) || node.waitingBytes() == 0);
        long calm = System.nanoTime();
        pass(time);
        long loud = System.nanoTime();
        Flood.Report report = flood(time);
        long over = System.nanoTime();
        settle();
        return new Fairness(latency(calm, loud), latency(loud, over), report);
    }

    private Flood.Report flood(Duration time) throws InterruptedException {
        try (Flood flood = new Flood(nodes.get(0))) {
            flood.begin();
            pass(time);
            return flood.report();
        }
    }

    /** Nobody writes any more; returns when everything is acknowledged. */
    void settle() throws InterruptedException {
        writer.shutdown();
        writer.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        awaitAll(PATIENCE, "acknowledged", node -> node.waitingBytes() == 0);
    }

    private Latency latency(long from, long to) {
        return Latency.of(nodes.stream()
                .skip(1)
                .flatMap(node -> node.arrivals().stream())
                .filter(arrival -> arrival.writtenAt() - from >= 0 && arrival.writtenAt() - to < 0)
                .map(FleetNode.Arrival::nanos)
                .toList());
    }

    private void awaitAll(Duration within, String what, Predicate<FleetNode> isSo) {
        await().atMost(within)
                .pollInterval(Duration.ofMillis(100))
                .alias("all nodes are " + what)
                .until(() -> nodes.stream().allMatch(isSo));
    }

    private Knocks.Count knocks(long from, long to) {
        return Knocks.Count.of(nodes.stream()
                .flatMap(node -> node.knocks().times())
                .filter(time -> time - from >= 0 && time - to < 0));
    }

    private List<Long> sorted(ToLongFunction<FleetNode> time) {
        return nodes.stream().map(time::applyAsLong).sorted().toList();
    }

    private static void pass(Duration time) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
    }

    private static double seconds(long from, long to) {
        return (to - from) / 1e9;
    }

    @Override
    public void close() throws IOException {
        if (isClosed) {
            return;
        }
        isClosed = true;
        writer.shutdownNow();
        for (FleetNode node : nodes) {
            node.close();
        }
        // What is closed while its event loop ends complains at length.
        awaitAll(PATIENCE, "gone", node -> !node.isWelcome());
        Future.all(vertx.close(), vertxOfFirst.close())
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }
}
