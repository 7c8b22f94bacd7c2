package io.farrier.agent;

import java.util.concurrent.ThreadFactory;

/** Named daemon threads: the process ends when its main thread says so. */
final class Threads {
    private Threads() {}

    static ThreadFactory named(String name) {
        return work -> {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
