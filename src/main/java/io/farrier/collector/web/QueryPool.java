package io.farrier.collector.web;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Reads the stores beside the event loop. When it is full the asker is told so at once. */
final class QueryPool implements AutoCloseable {
    /** As many as a store has readers. */
    private static final int THREADS = 2;

    /** With two at work and seconds at most for each, nobody waits longer than a person does. */
    private static final int MAX_WAITING = 64;

    private final AtomicInteger names = new AtomicInteger();
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            THREADS, THREADS, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_WAITING), this::newThread);

    /** Fails with {@link RejectedExecutionException} when too many wait. Completes on {@code context}. */
    <T> Future<T> ask(Context context, Callable<T> question) {
        Promise<T> answer = Promise.promise();
        try {
            threads.execute(() -> {
                try {
                    T found = question.call();
                    context.runOnContext(done -> answer.complete(found));
                } catch (Exception e) {
                    context.runOnContext(done -> answer.fail(e));
                }
            });
        } catch (RejectedExecutionException full) {
            answer.fail(full);
        }
        return answer.future();
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private Thread newThread(Runnable work) {
        Thread thread = new Thread(work, "query-" + names.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }
}
