package io.farrier.agent;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.feed.Frame.Event;
import io.farrier.feed.Frame.Topic;
import io.farrier.logs.Checkpoint;
import io.farrier.logs.CheckpointFile;
import io.farrier.metric.Stint;
import io.farrier.spool.Spool;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes to state_dir: spool and cursors. Of checkpoints that wait the latest wins; when more work
 * waits than the queue holds, health is left out and counted, outcomes and findings are waited for.
 */
final class StateLane implements AutoCloseable {
    /** Lanes hand over events one by one; a hundred waiting ones are a disk that hangs. */
    private static final int MAX_WAITING = 100;

    private static final long CLOSE_SECONDS = 5;

    /** One write and its fsync; a disk that takes longer is not coming back. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Spool spool;
    private final CheckpointFile cursors;
    private final Clock clock;
    private final Log log;
    private final Stint stint;
    private final ThreadPoolExecutor thread = new OneThread();
    private final AtomicReference<@Nullable Checkpoint> latest = new AtomicReference<>();
    private final AtomicLong leftOut = new AtomicLong();
    private volatile Runnable onEvent = () -> {};

    StateLane(Spool spool, CheckpointFile cursors, Clock clock, LongSupplier nanos, Log log) {
        this.spool = spool;
        this.cursors = cursors;
        this.clock = clock;
        this.log = log;
        this.stint = new Stint("writing to state_dir", PATIENCE, nanos);
    }

    /** What it does, as the watchdog sees it. */
    Stint stint() {
        return stint;
    }

    /** Told after each event that was spooled, on the state thread. */
    void onEvent(Runnable listener) {
        onEvent = listener;
    }

    void record(Topic topic, JsonNode data) {
        Runnable append = () -> append(topic, data);
        try {
            thread.execute(append);
        } catch (RejectedExecutionException full) {
            boolean mayBeLeftOut = topic.isState() && topic != Topic.FINDINGS;
            if (mayBeLeftOut || !putWaiting(append)) {
                leftOut.incrementAndGet();
            }
        }
    }

    /** The first events behind {@code seq}. */
    CompletableFuture<List<Event>> after(long seq, int max) {
        CompletableFuture<List<Event>> events = new CompletableFuture<>();
        try {
            thread.execute(() -> {
                try {
                    events.complete(spool.after(seq, max));
                } catch (IOException unreadable) {
                    events.completeExceptionally(unreadable);
                }
            });
        } catch (RejectedExecutionException full) {
            events.completeExceptionally(full);
        }
        return events;
    }

    void ack(long seq) {
        try {
            thread.execute(() -> attempt("acknowledge event " + seq, () -> spool.ack(seq)));
        } catch (RejectedExecutionException full) {
            // A later ack covers it; without one the event is sent again.
        }
    }

    /** @param written hears of the version that is on disk, on the state thread */
    void write(Checkpoint checkpoint, LongConsumer written) {
        if (latest.getAndSet(checkpoint) != null) {
            return;
        }
        try {
            thread.execute(() -> writeLatest(written));
        } catch (RejectedExecutionException full) {
            latest.set(null);
        }
    }

    /** Events that were not kept, for want of room or because the disk refused them. */
    long lost() {
        return leftOut.get();
    }

    @Override
    public void close() throws IOException {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        spool.close();
    }

    private void append(Topic topic, JsonNode data) {
        if (!attempt("spool an event", () -> spool.append(topic, clock.instant(), data))) {
            leftOut.incrementAndGet();
        }
        onEvent.run();
    }

    private void writeLatest(LongConsumer written) {
        Checkpoint checkpoint = latest.getAndSet(null);
        if (checkpoint != null && attempt("write the cursors", () -> cursors.write(checkpoint))) {
            written.accept(checkpoint.version());
        }
    }

    private boolean putWaiting(Runnable append) {
        try {
            return thread.getQueue().offer(append, CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean attempt(String what, Attempt attempt) {
        try {
            attempt.run();
            return true;
        } catch (IOException | RuntimeException failed) {
            log.seldom("Tried to " + what + " and could not: " + failed.getMessage());
            return false;
        }
    }

    private final class OneThread extends ThreadPoolExecutor {
        OneThread() {
            super(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_WAITING), Threads.named("farrier-state"));
        }

        @Override
        protected void beforeExecute(Thread worker, Runnable task) {
            stint.moved();
        }

        @Override
        protected void afterExecute(Runnable task, @Nullable Throwable thrown) {
            stint.rests();
        }
    }

    private interface Attempt {
        void run() throws IOException;
    }
}
