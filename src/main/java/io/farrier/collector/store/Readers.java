package io.farrier.collector.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.sqlite.ProgressHandler;

/** Read-only connections, lent one at a time, each read with a deadline. */
final class Readers implements AutoCloseable {
    /** As many as the collector has query threads. */
    static final int CONNECTIONS = 2;

    /** SQLite asks whether to go on every so many steps: about a millisecond. */
    private static final int STEPS_BETWEEN_LOOKS = 20_000;

    @FunctionalInterface
    interface Read<T> {
        T run(Connection connection) throws SQLException;
    }

    private final Database database;
    private final BlockingQueue<Connection> idle = new ArrayBlockingQueue<>(CONNECTIONS);

    Readers(Database database) throws IOException {
        this.database = database;
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                idle.add(database.connectForReading());
            }
        } catch (SQLException e) {
            throw new IOException("Tried to open " + database + " for reading but SQLite says: " + e.getMessage(), e);
        }
    }

    /** @param deadline {@link System#nanoTime()} at which SQLite interrupts the read with an {@link SQLException} */
    <T> T read(long deadline, Read<T> read) throws IOException {
        Connection connection = borrow(deadline);
        try {
            ProgressHandler.setHandler(connection, STEPS_BETWEEN_LOOKS, new ProgressHandler() {
                @Override
                protected int progress() {
                    return System.nanoTime() < deadline ? 0 : 1;
                }
            });
            return read.run(connection);
        } catch (SQLException e) {
            throw new IOException("Tried to read " + database + " but SQLite says: " + e.getMessage(), e);
        } finally {
            release(connection);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            for (Connection one = idle.poll(); one != null; one = idle.poll()) {
                one.close();
            }
        } catch (SQLException e) {
            throw new IOException("Tried to close " + database + " but SQLite says: " + e.getMessage(), e);
        }
    }

    private Connection borrow(long deadline) throws IOException {
        try {
            Connection connection = idle.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (connection == null) {
                throw new StoreBusyException("all readers of the store are busy");
            }
            return connection;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreBusyException("interrupted while waiting for a reader of the store");
        }
    }

    private void release(Connection connection) {
        try {
            ProgressHandler.clearHandler(connection);
        } catch (SQLException stillLent) {
            // The next read sets its own handler.
        }
        idle.add(connection);
    }
}
