package io.farrier.agent;

import io.farrier.logs.copied.LineCopier;
import io.farrier.logs.copied.Loss;
import io.farrier.logs.copied.Stored;
import io.farrier.metric.Stint;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The one thread of lines that are in no file: it writes them to the files that the tail reads. */
final class CopyLane implements AutoCloseable {
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);

    /** One turn waits for a disk, and for a process or daemon that has begun to answer. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /**
     * Of one turn: more are not few, and do not wait where nobody is in a hurry. What waits at most is what a pipe holds,
     * 64 KiB; of the shortest lines, with all that the journal says of each, that is more than this.
     */
    private static final long FEW_BYTES = 4 << 10;

    private final String what;
    private final LineCopier copier;
    private final Log log;
    private final Stint stint;
    private final Thread thread;
    private final AtomicReference<@Nullable Stored> stored = new AtomicReference<>();
    private final AtomicReference<Set<Loss>> told = new AtomicReference<>(Set.of());
    private volatile LineCopier.Status status;
    private volatile Set<Loss> losses;
    private volatile Map<String, Path> logs;
    private volatile boolean isClosed;
    private volatile boolean isUnhurried;
    private @Nullable String saidProblem;

    /** @param what it reads, for people: "the journal" */
    CopyLane(String name, String what, LineCopier copier, LongSupplier nanos, Log log) {
        this.what = what;
        this.copier = copier;
        this.log = log;
        this.stint = new Stint("reading " + what, PATIENCE, nanos);
        this.status = copier.status();
        this.losses = copier.losses();
        this.logs = copier.logs();
        this.thread = Threads.named("farrier-" + name).newThread(this::run);
    }

    void start() {
        thread.start();
    }

    /** Whether few lines may wait for others as long as an origin without lines rests. */
    void unhurried(boolean unhurried) {
        isUnhurried = unhurried;
    }

    /** There is something to do now. */
    void wake() {
        LockSupport.unpark(thread);
    }

    LineCopier.Status status() {
        return status;
    }

    /** What is to be told to the collector, until a checkpoint remembers it. */
    Set<Loss> losses() {
        return losses;
    }

    /** Where the lines of each log are. */
    Map<String, Path> logs() {
        return logs;
    }

    /**
     * A checkpoint is on disk.
     *
     * @param files what it says that the collector has
     * @param remembered the losses that it remembers
     */
    void written(Stored files, Set<Loss> remembered) {
        stored.set(files);
        told.accumulateAndGet(remembered, CopyLane::union);
    }

    /** What it does, as the watchdog sees it. */
    Stint stint() {
        return stint;
    }

    @Override
    public void close() {
        isClosed = true;
        wake();
        try {
            thread.join(CLOSE_WITHIN.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Set<Loss> union(Set<Loss> some, Set<Loss> others) {
        Set<Loss> both = new HashSet<>(some);
        both.addAll(others);
        return both;
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
            copier.close();
        } catch (IOException failed) {
            log.seldom("Tried to close the files that the lines of " + what + " are copied to and could not: "
                    + failed.getMessage());
        }
    }

    private Duration round() {
        try {
            Stored files = stored.getAndSet(null);
            if (files != null) {
                copier.delete(files);
            }
            copier.told(told.getAndSet(Set.of()));
        } catch (IOException failed) {
            log.seldom("Tried to tidy up the files that the lines of " + what + " are copied to and could not: "
                    + failed.getMessage());
        }
        long before = copier.status().bytes();
        Duration rest = copier.turn();
        status = copier.status();
        boolean mayWait = isUnhurried && !rest.isZero() && status.bytes() - before < FEW_BYTES;
        losses = copier.losses();
        logs = copier.logs();
        status.problem().ifPresent(this::say);
        return mayWait && rest.compareTo(LineCopier.LONG_REST) < 0 ? LineCopier.LONG_REST : rest;
    }

    /** Once each: a machine without a journal stays one. */
    private void say(String problem) {
        if (!problem.equals(saidProblem)) {
            saidProblem = problem;
            log.info("The lines of " + what + " are not shipped now: " + problem);
        }
    }
}
