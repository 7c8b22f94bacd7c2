package io.farrier.collector.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes to a database. Writes that come close together share a transaction and so one fsync; their
 * futures complete behind it, on this thread.
 */
final class GroupWriter implements AutoCloseable {
    /** A group is closed 2 ms after its first write: an ack is never late, a flood shares its fsyncs. */
    private static final long GROUP_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** ... or as soon as it holds this much. */
    private static final long GROUP_BYTES = 4 << 20;

    /** What may wait for the disk; intake is paused long before. */
    static final long MAX_WAITING_BYTES = 128L << 20;

    /** An idle writer looks up this often whether it shall end. */
    private static final long IDLE_MILLIS = 100;

    /** One write of a group. It may run twice: when its group fails, each is tried alone. */
    @FunctionalInterface
    interface Write<T> {
        T run(Connection connection) throws SQLException;
    }

    private record Waiting<T>(Write<T> write, long bytes, CompletableFuture<T> done) {
        Runnable run(Connection connection) throws SQLException {
            T result = write.run(connection);
            return () -> done.complete(result);
        }
    }

    private final Connection connection;
    private final Runnable onRollback;
    private final LinkedBlockingQueue<Waiting<?>> queue = new LinkedBlockingQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final Thread thread;
    private volatile boolean closing;
    private volatile boolean healthy = true;

    /** @param onRollback runs on the writer's thread whenever writes that ran were undone */
    GroupWriter(String name, Connection connection, Runnable onRollback) throws SQLException {
        this.connection = connection;
        this.onRollback = onRollback;
        connection.setAutoCommit(false);
        this.thread = new Thread(this::writeUntilClosed, name);
    }

    void start() {
        thread.start();
    }

    /** @param bytes what the write holds in memory while it waits */
    <T> CompletableFuture<T> submit(long bytes, Write<T> write) {
        CompletableFuture<T> done = new CompletableFuture<>();
        if (closing) {
            done.completeExceptionally(new StoreBusyException("the store is closing"));
        } else if (waitingBytes.addAndGet(bytes) > MAX_WAITING_BYTES) {
            waitingBytes.addAndGet(-bytes);
            done.completeExceptionally(
                    new StoreBusyException("more than " + MAX_WAITING_BYTES + " bytes wait for the disk"));
        } else {
            queue.add(new Waiting<>(write, bytes, done));
        }
        return done;
    }

    /** Whether the last group reached the disk. */
    boolean isHealthy() {
        return healthy && thread.isAlive();
    }

    /** Writes what is waiting, then ends. */
    @Override
    public void close() throws IOException {
        closing = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IOException("Tried to close the store but SQLite says: " + e.getMessage(), e);
        }
    }

    private void writeUntilClosed() {
        while (true) {
            Waiting<?> first = poll(TimeUnit.MILLISECONDS.toNanos(IDLE_MILLIS));
            if (first != null) {
                writeTogether(groupOf(first));
            } else if (closing && queue.isEmpty()) {
                return;
            }
        }
    }

    private List<Waiting<?>> groupOf(Waiting<?> first) {
        List<Waiting<?>> group = new ArrayList<>(List.of(first));
        long bytes = first.bytes;
        long end = System.nanoTime() + GROUP_NANOS;
        for (long left = GROUP_NANOS; left > 0 && bytes < GROUP_BYTES; left = end - System.nanoTime()) {
            Waiting<?> next = poll(left);
            if (next == null) {
                break;
            }
            group.add(next);
            bytes += next.bytes;
        }
        return group;
    }

    private void writeTogether(List<Waiting<?>> group) {
        try {
            commit(group);
            healthy = true;
        } catch (SQLException | RuntimeException e) {
            undo();
            if (group.size() == 1) {
                fail(group.get(0), e);
            } else {
                // One bad write must not take its neighbours with it.
                group.forEach(one -> writeTogether(List.of(one)));
                return;
            }
        }
        group.forEach(one -> waitingBytes.addAndGet(-one.bytes));
    }

    private void commit(List<Waiting<?>> group) throws SQLException {
        List<Runnable> completions = new ArrayList<>(group.size());
        for (Waiting<?> waiting : group) {
            completions.add(waiting.run(connection));
        }
        connection.commit();
        completions.forEach(Runnable::run);
    }

    private void fail(Waiting<?> one, Exception e) {
        healthy = !(e instanceof SQLException);
        one.done.completeExceptionally(new IOException("Tried to write to the store but: " + e.getMessage(), e));
    }

    private void undo() {
        try {
            connection.rollback();
        } catch (SQLException lost) {
            healthy = false;
        }
        onRollback.run();
    }

    private @Nullable Waiting<?> poll(long nanos) {
        try {
            return queue.poll(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException notOurs) {
            return null;
        }
    }
}
