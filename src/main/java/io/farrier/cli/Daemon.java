package io.farrier.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The life of a long-running verb: begun before anything is opened, closed after everything is. The JVM ends in between
 * only if that takes too long.
 */
final class Daemon implements AutoCloseable {
    /** Below systemd's patience, which ends in SIGKILL. */
    private static final long MAX_END_SECONDS = 20;

    private final CountDownLatch told = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    private Daemon() {}

    static Daemon begin() {
        Daemon life = new Daemon();
        Runtime.getRuntime().addShutdownHook(new Thread(life::end, "end"));
        return life;
    }

    /** Waits for SIGTERM or SIGINT. */
    void untilTold() throws InterruptedException {
        told.await();
    }

    @Override
    public void close() {
        closed.countDown();
    }

    // Not for the verb's thread to end: that calls System.exit, which waits until this hook has.
    private void end() {
        told.countDown();
        try {
            if (!closed.await(MAX_END_SECONDS, TimeUnit.SECONDS)) {
                System.getLogger(Daemon.class.getName())
                        .log(
                                System.Logger.Level.WARNING,
                                "Not closed within {0} s: ends all the same",
                                MAX_END_SECONDS);
            }
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }
}
