package io.farrier.agent;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.CollectorLink;
import io.farrier.feed.ByteRanges;
import io.farrier.feed.Frame;
import io.farrier.logs.CheckpointFile;
import io.farrier.logs.LogSink;
import io.farrier.logs.Tail;
import io.farrier.sample.ContainerSample;
import io.farrier.spool.DiskSpool;
import io.farrier.testing.Configurations;
import io.farrier.testing.DockerLogs;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The lines of one node and their way to the collector, all of it the agent's own: the tail of a container's log, cursors and
 * spool on disk, and the uplink. No folder is watched, because a machine has fewer inotify instances than a fleet has nodes:
 * whoever writes wakes the tail, as the kernel would.
 */
final class FleetNode implements AutoCloseable {
    private static final long HOLD_BYTES = 1L << 40;

    private final String name;
    private final DockerLogs docker;
    private final ContainerSample container;
    private final StateLane state;
    private final TailLane tail;
    private final Tail reads;
    private final Uplink uplink;
    private final Knocks knocks = new Knocks();
    private final Queue<Line> underWay = new ConcurrentLinkedQueue<>();
    private final Queue<Arrival> arrivals = new ConcurrentLinkedQueue<>();
    private volatile int lines;
    private volatile long written;

    /** The event loop's. */
    private final ByteRanges acked = new ByteRanges();

    private volatile long ackedBytes;
    private volatile long ackedTo;
    private volatile long welcomedAt;
    private volatile boolean isWelcome;
    private volatile long goal = Long.MAX_VALUE;
    private volatile long goalReachedAt;

    private record Line(long end, long writtenAt) {}

    /** Of a line. @param nanos from its writing to its ack */
    record Arrival(long writtenAt, long nanos) {}

    /** @param encodings that it offers, best first */
    FleetNode(String name, Path folder, CollectorLink link, List<String> encodings, Vertx vertx, Log log)
            throws IOException {
        this.name = name;
        this.docker = new DockerLogs(folder.resolve("docker"));
        this.container = docker.create("app");
        Path stateDir = Files.createDirectories(folder.resolve("state"));
        DiskSpool spool = DiskSpool.open(stateDir, DiskSpool.DEFAULT_BYTES, new Random());
        this.state = new StateLane(spool, new CheckpointFile(stateDir), Clock.systemUTC(), System::nanoTime, log);
        this.tail = new TailLane(state, Optional.empty(), Optional.empty(), System::nanoTime, log);
        this.uplink = new Uplink(
                vertx,
                link,
                NodeKey.readOrMake(stateDir),
                new Frame.Hello(Frame.VERSION, name, "0.1.0", "boot", encodings, Map.of()),
                state,
                new TimedAcks(),
                knocks.dice(),
                System::nanoTime,
                log);
        FarrierConfig config = Configurations.shipping(stateDir, link, HOLD_BYTES);
        this.reads = new Tail(
                ShippedLogs.wanted(config.logs()),
                List.of(),
                () -> Set.of(folder.resolve("docker")),
                () -> true,
                uplink,
                System::nanoTime,
                Clock.systemUTC(),
                Optional.empty());
    }

    void start() {
        tail.start(reads);
        tail.containers(docker.table());
        uplink.start();
    }

    String name() {
        return name;
    }

    /** Whose numbers are 1 and so on. */
    int lines() {
        return lines;
    }

    /** A line, whose way to its ack is timed. */
    void write() {
        String line = line("of a node that writes one each second");
        underWay.add(new Line(written + line.length(), System.nanoTime()));
        append(line);
    }

    /** Many lines, whose way is not timed. */
    void write(List<String> texts) {
        StringBuilder all = new StringBuilder();
        texts.forEach(text -> all.append(line(text)));
        append(all.toString());
    }

    private String line(String text) {
        lines++;
        return "{\"log\":\"line " + lines + " " + text
                + "\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-20T12:00:00.000000000Z\"}\n";
    }

    /** ASCII only: a character is a byte. */
    private void append(String text) {
        written += text.length();
        docker.append(container, text);
        tail.changed();
    }

    boolean isWelcome() {
        return isWelcome;
    }

    /** By {@link System#nanoTime()}, the last time. */
    long welcomedAt() {
        return welcomedAt;
    }

    Knocks knocks() {
        return knocks;
    }

    /** The attempt that led to the last welcome. */
    long letInAt() {
        return knocks.lastBefore(welcomedAt);
    }

    long ackedBytes() {
        return ackedBytes;
    }

    /** Written and not acknowledged. */
    long waitingBytes() {
        return written - ackedBytes;
    }

    /** How much more may be under way now. */
    long room() {
        return uplink.room();
    }

    /** What is written by now is to be acknowledged. */
    void setGoal() {
        goalReachedAt = 0;
        goal = written;
        if (ackedTo >= goal) {
            goalReachedAt = System.nanoTime();
        }
    }

    boolean hasReachedGoal() {
        return goalReachedAt != 0;
    }

    long goalReachedAt() {
        return goalReachedAt;
    }

    Queue<Arrival> arrivals() {
        return arrivals;
    }

    private final class TimedAcks implements Uplink.Acks {
        @Override
        public boolean acked(Frame.Ack ack) {
            arrived(ack, System.nanoTime());
            return tail.acked(ack);
        }

        @Override
        public void changed() {
            boolean isConnected = uplink.connection() != LogSink.NONE;
            if (isConnected && !isWelcome) {
                welcomedAt = System.nanoTime();
            }
            isWelcome = isConnected;
            tail.changed();
        }
    }

    private void arrived(Frame.Ack ack, long now) {
        ack.ranges().forEach(acked::add);
        ackedBytes = acked.bytes();
        ackedTo = acked.firstMissing(0);
        for (Line line = underWay.peek(); line != null && line.end() <= ackedTo; line = underWay.peek()) {
            arrivals.add(new Arrival(line.writtenAt(), now - line.writtenAt()));
            underWay.poll();
        }
        if (ackedTo >= goal && goalReachedAt == 0) {
            goalReachedAt = now;
        }
    }

    @Override
    public void close() throws IOException {
        tail.close();
        uplink.close();
        state.close();
    }
}
