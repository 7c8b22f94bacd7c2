package io.farrier.agent;

import io.farrier.metric.Stint;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A thread that does one kind of work: at the start, on a timer and when kicked. A kick is a bit, so that any number of
 * them is one more round. Whatever the work throws is told and never ends the lane.
 */
final class Lane implements AutoCloseable {
    /** Orders come from operators, one at a time; more of them waiting is a mistake. */
    private static final int MAX_ORDERS = 16;

    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);

    /** A storm of events is one round after this, not one for each. */
    private static final Duration REST = Duration.ofMillis(100);

    /** A round of the lane's own work. */
    interface Work {
        void round() throws Exception;
    }

    private final String name;
    private final Supplier<Duration> every;
    private final Work work;
    private final Consumer<Exception> onFailure;
    private final Stint stint;
    private final BlockingQueue<Runnable> orders = new ArrayBlockingQueue<>(MAX_ORDERS);
    private final AtomicBoolean isKicked = new AtomicBoolean(true);
    private final Thread thread;
    private volatile boolean isClosed;

    /** @param patience how long a round, or an order, may stand still before the watchdog hears of it */
    Lane(
            String name,
            Supplier<Duration> every,
            Duration patience,
            LongSupplier nanos,
            Work work,
            Consumer<Exception> onFailure) {
        this.name = name;
        this.stint = new Stint("the " + name + " lane", patience, nanos);
        this.every = every;
        this.work = work;
        this.onFailure = onFailure;
        this.thread = Threads.named("farrier-" + name).newThread(this::run);
    }

    String name() {
        return name;
    }

    /** Until its next round, while nobody kicks it. */
    Duration rest() {
        return every.get();
    }

    void start() {
        thread.start();
    }

    void kick() {
        if (isKicked.compareAndSet(false, true)) {
            // Wakes the thread; when the queue is full it is awake.
            orders.offer(() -> {});
        }
    }

    /** Does something else on this thread, between two rounds. */
    <T> CompletableFuture<T> order(Callable<T> order) {
        CompletableFuture<T> done = new CompletableFuture<>();
        Runnable run = () -> {
            try {
                done.complete(order.call());
            } catch (Exception failed) {
                done.completeExceptionally(failed);
            }
        };
        if (!orders.offer(run)) {
            done.completeExceptionally(new IllegalStateException(
                    MAX_ORDERS + " orders wait for the " + name + " lane already. Try again when they are done."));
        }
        return done;
    }

    /** What it does, as the watchdog sees it. */
    Stint stint() {
        return stint;
    }

    @Override
    public void close() {
        isClosed = true;
        kick();
        try {
            thread.join(CLOSE_WITHIN.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            thread.interrupt();
        }
    }

    private void run() {
        while (!isClosed) {
            if (isKicked.getAndSet(false)) {
                round();
                LockSupport.parkNanos(REST.toNanos());
            }
            await();
        }
    }

    private void await() {
        try {
            Runnable order = orders.poll(rest().toMillis(), TimeUnit.MILLISECONDS);
            if (order == null) {
                isKicked.set(true);
            } else {
                stint.moved();
                order.run();
            }
        } catch (InterruptedException e) {
            isClosed = true;
        } finally {
            stint.rests();
        }
    }

    private void round() {
        stint.moved();
        try {
            work.round();
        } catch (InterruptedException e) {
            isClosed = true;
        } catch (Exception failed) {
            onFailure.accept(failed);
        } finally {
            stint.rests();
        }
    }
}
