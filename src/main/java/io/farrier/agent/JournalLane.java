package io.farrier.agent;

import io.farrier.logs.journal.JournalUnits;
import io.farrier.logs.journal.Stored;
import io.farrier.metric.Stint;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The one thread of systemd's journal: it writes the units' lines to the files that the tail reads. */
final class JournalLane implements AutoCloseable {
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);

    /** One turn waits for a disk, and for one entry that journalctl has begun. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final JournalUnits units;
    private final Log log;
    private final Stint stint = new Stint("reading the journal", PATIENCE, System::nanoTime);
    private final Thread thread;
    private final AtomicReference<@Nullable Stored> stored = new AtomicReference<>();
    private volatile JournalUnits.Status status;
    private volatile Optional<String> loss;
    private final AtomicReference<@Nullable String> toldLoss = new AtomicReference<>();
    private volatile boolean isClosed;
    private @Nullable String saidProblem;

    JournalLane(JournalUnits units, Log log) {
        this.units = units;
        this.log = log;
        this.status = units.status();
        this.loss = units.loss();
        this.thread = Threads.named("farrier-journal").newThread(this::run);
    }

    void start() {
        thread.start();
    }

    JournalUnits.Status status() {
        return status;
    }

    /** What is to be told to the collector, until a checkpoint remembers it. */
    Optional<String> loss() {
        return loss;
    }

    Map<String, Path> logs() {
        return units.logs();
    }

    /**
     * A checkpoint is on disk.
     *
     * @param files what it says that the collector has
     * @param told the loss that it remembers
     */
    void written(Stored files, Optional<String> told) {
        stored.set(files);
        told.ifPresent(toldLoss::set);
    }

    /** What it does, as the watchdog sees it. */
    Stint stint() {
        return stint;
    }

    @Override
    public void close() {
        isClosed = true;
        LockSupport.unpark(thread);
        try {
            thread.join(CLOSE_WITHIN.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!isClosed) {
            stint.moved();
            Duration rest = round();
            stint.rests();
            if (!rest.isZero()) {
                LockSupport.parkNanos(rest.toNanos());
            }
        }
        try {
            units.close();
        } catch (IOException failed) {
            log.seldom("Tried to close the files of the journal's units and could not: " + failed.getMessage());
        }
    }

    private Duration round() {
        try {
            Stored files = stored.getAndSet(null);
            if (files != null) {
                units.delete(files);
            }
            String told = toldLoss.getAndSet(null);
            if (told != null && units.loss().equals(Optional.of(told))) {
                units.lossIsTold();
            }
        } catch (IOException failed) {
            log.seldom("Tried to tidy up the files of the journal's units and could not: " + failed.getMessage());
        }
        Duration rest = units.turn();
        status = units.status();
        loss = units.loss();
        status.problem().ifPresent(this::say);
        return rest;
    }

    /** Once each: a machine without a journal stays one. */
    private void say(String problem) {
        if (!problem.equals(saidProblem)) {
            saidProblem = problem;
            log.info("The lines of systemd's units are not shipped now: " + problem);
        }
    }
}
