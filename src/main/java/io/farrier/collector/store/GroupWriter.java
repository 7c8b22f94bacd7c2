package io.farrier.collector.store;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes to a store. Writes that come close together share a transaction and so one fsync; their
 * futures complete behind it, on this thread. Whose writes wait take turns.
 *
 * @param <S> what a write writes to
 */
final class GroupWriter<S> implements AutoCloseable {
    /** A group is closed 2 ms after its first write: an ack is never late, a flood shares its fsyncs. */
    private static final long GROUP_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** ... or as soon as it holds this much: whoever comes next waits for it, and for what is made of it after it. */
    private static final long GROUP_BYTES = 1 << 20;

    /** What may wait for the disk; intake is paused long before. */
    static final long MAX_WAITING_BYTES = 128L << 20;

    /** An idle writer looks up this often whether it shall end. */
    private static final long IDLE_MILLIS = 100;

    private static final Logger LOG = LoggerFactory.getLogger(GroupWriter.class);

    /** One write of a group. It may run twice: when its group fails, each is tried alone. */
    @FunctionalInterface
    interface Write<S, T> {
        T run(S store) throws SQLException, IOException;
    }

    /** A store that takes writes together or not at all. Only the writer's thread calls it. */
    interface Transactions<S> extends AutoCloseable {
        S store();

        /** Returns when all that was written since the last commit is on disk. */
        void commit() throws SQLException, IOException;

        /** All that was written since the last commit is as if it had not been. */
        void rollback() throws SQLException, IOException;

        /** After a group, when its futures are complete: what nobody waits for. */
        default void tidy() throws IOException {}

        @Override
        void close() throws SQLException, IOException;
    }

    private record Waiting<S, T>(Write<S, T> write, long bytes, CompletableFuture<T> done) {
        Runnable run(S store) throws SQLException, IOException {
            T result = write.run(store);
            return () -> done.complete(result);
        }
    }

    private final Transactions<S> transactions;
    private final Turns<Waiting<S, ?>> queue = new Turns<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final Thread thread;
    private volatile boolean closing;
    private volatile boolean healthy = true;

    GroupWriter(String name, Transactions<S> transactions) {
        this.transactions = transactions;
        this.thread = new Thread(this::writeUntilClosed, name);
    }

    void start() {
        thread.start();
    }

    /** @param bytes what the write holds in memory while it waits */
    <T> CompletableFuture<T> submit(long bytes, Write<S, T> write) {
        return submit(this, bytes, write);
    }

    /**
     * @param whose writes are done in their order; those of others take turns with them
     * @param bytes what the write holds in memory while it waits
     */
    <T> CompletableFuture<T> submit(Object whose, long bytes, Write<S, T> write) {
        CompletableFuture<T> done = new CompletableFuture<>();
        if (closing) {
            done.completeExceptionally(new StoreBusyException("the store is closing"));
        } else if (waitingBytes.addAndGet(bytes) > MAX_WAITING_BYTES) {
            waitingBytes.addAndGet(-bytes);
            done.completeExceptionally(
                    new StoreBusyException("more than " + MAX_WAITING_BYTES + " bytes wait for the disk"));
        } else {
            queue.add(whose, new Waiting<>(write, bytes, done));
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
        // Wakes it: an idle writer would look up only later.
        queue.add(this, new Waiting<>(store -> true, 0, new CompletableFuture<>()));
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
            transactions.close();
        } catch (SQLException e) {
            throw new IOException("Tried to close the store but: " + e.getMessage(), e);
        }
    }

    private void writeUntilClosed() {
        while (true) {
            Waiting<S, ?> first = poll(closing ? 0 : TimeUnit.MILLISECONDS.toNanos(IDLE_MILLIS));
            if (first != null) {
                writeTogether(groupOf(first));
                tidy();
            } else if (closing && queue.isEmpty()) {
                return;
            }
        }
    }

    private List<Waiting<S, ?>> groupOf(Waiting<S, ?> first) {
        List<Waiting<S, ?>> group = new ArrayList<>(List.of(first));
        long bytes = first.bytes;
        long end = System.nanoTime() + GROUP_NANOS;
        for (long left = GROUP_NANOS; left > 0 && bytes < GROUP_BYTES; left = end - System.nanoTime()) {
            Waiting<S, ?> next = poll(left);
            if (next == null) {
                break;
            }
            group.add(next);
            bytes += next.bytes;
        }
        return group;
    }

    private void writeTogether(List<Waiting<S, ?>> group) {
        try {
            commit(group);
            healthy = true;
        } catch (SQLException | IOException | RuntimeException e) {
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

    private void commit(List<Waiting<S, ?>> group) throws SQLException, IOException {
        List<Runnable> completions = new ArrayList<>(group.size());
        for (Waiting<S, ?> waiting : group) {
            completions.add(waiting.run(transactions.store()));
        }
        transactions.commit();
        completions.forEach(Runnable::run);
    }

    private void fail(Waiting<S, ?> one, Exception e) {
        healthy = e instanceof RuntimeException;
        one.done.completeExceptionally(new IOException("Tried to write to the store but: " + e.getMessage(), e));
    }

    private void undo() {
        try {
            transactions.rollback();
        } catch (SQLException | IOException lost) {
            healthy = false;
        }
    }

    private void tidy() {
        try {
            transactions.tidy();
        } catch (IOException | RuntimeException e) {
            healthy = false;
            LOG.warn("Could not tidy the store, and will try again: {}", e.getMessage());
        }
    }

    private @Nullable Waiting<S, ?> poll(long nanos) {
        try {
            return queue.poll(nanos);
        } catch (InterruptedException notOurs) {
            return null;
        }
    }
}
