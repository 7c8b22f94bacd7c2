package io.farrier.agent;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.farrier.testing.KubeLines;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes to the log of a node as fast as the collector takes it and faster: what waits in the file is soon more than may be
 * under way, and stays so.
 */
final class Flood implements AutoCloseable {
    /** The file does not grow for ever where the collector is slow. */
    static final long BACKLOG_BYTES = 32L << 20;

    /** With less than this the tail waits for an ack. */
    private static final long SMALL_ROOM_BYTES = 1L << 20;

    private static final int LINES_AT_ONCE = 200;
    private static final int POOL = 20_000;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final String BEFORE_TEXT = "{\"log\":\"";
    private static final String AFTER_TEXT = "\\n\",\"stream\"";

    private final FleetNode node;
    private final List<String> texts = texts();
    private final Thread thread;
    private volatile boolean isOver;
    private volatile long leastBacklog = Long.MAX_VALUE;
    private boolean wasFull;
    private long lookedAt;
    private long looks;
    private long looksWithoutRoom;
    private long begunAt;
    private long ackedBefore;

    /**
     * @param bytesPerSecond acknowledged
     * @param leastBacklog bytes that were written and not acknowledged, at the least, since they were many for the first time
     * @param withoutRoom the share of the time in which the node had no credit left for a good piece
     */
    record Report(double bytesPerSecond, long leastBacklog, double withoutRoom) {}

    Flood(FleetNode node) {
        this.node = node;
        this.thread = Threads.named("flood").newThread(this::run);
    }

    private static List<String> texts() {
        return Arrays.stream(new String(new KubeLines(3).next(POOL, ""), UTF_8).split("\n"))
                .map(line -> line.substring(BEFORE_TEXT.length(), line.lastIndexOf(AFTER_TEXT)))
                .toList();
    }

    void begin() {
        begunAt = System.nanoTime();
        ackedBefore = node.ackedBytes();
        thread.start();
    }

    /** Ends it. */
    Report report() throws InterruptedException {
        double seconds = (System.nanoTime() - begunAt) / 1e9;
        long acked = node.ackedBytes() - ackedBefore;
        close();
        return new Report(acked / seconds, leastBacklog, (double) looksWithoutRoom / Math.max(1, looks));
    }

    private void run() {
        for (int block = 0; !isOver; block++) {
            if (node.waitingBytes() < BACKLOG_BYTES) {
                int from = block * LINES_AT_ONCE % POOL;
                node.write(texts.subList(from, from + LINES_AT_ONCE));
            } else {
                wasFull = true;
                LockSupport.parkNanos(LOOK_NANOS);
            }
            look(System.nanoTime());
        }
    }

    private void look(long now) {
        if (!wasFull || now - lookedAt < LOOK_NANOS) {
            return;
        }
        lookedAt = now;
        leastBacklog = Math.min(leastBacklog, node.waitingBytes());
        looks++;
        if (node.room() < SMALL_ROOM_BYTES) {
            looksWithoutRoom++;
        }
    }

    @Override
    public void close() throws InterruptedException {
        isOver = true;
        thread.join();
    }
}
