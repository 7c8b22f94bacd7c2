package io.farrier.cli;

import java.util.concurrent.CountDownLatch;

/** The life of a long-running verb. */
final class Daemon {
    private Daemon() {}

    /** Waits for SIGTERM or SIGINT; the JVM then waits until the verb has returned and closed what it opened. */
    static void untilTold() throws InterruptedException {
        CountDownLatch told = new CountDownLatch(1);
        Thread verb = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(told, verb), "end"));
        told.await();
    }

    private static void end(CountDownLatch told, Thread verb) {
        told.countDown();
        try {
            verb.join(MAX_END_MILLIS);
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }

    /** Below systemd's patience, which ends in SIGKILL. */
    private static final long MAX_END_MILLIS = 20_000;
}
