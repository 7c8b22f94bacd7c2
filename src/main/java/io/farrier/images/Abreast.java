package io.farrier.images;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Some of many at a time, answers in the order of the questions. */
final class Abreast {
    private Abreast() {}

    interface Question<A, T> {
        T ask(A about) throws IOException;
    }

    static <A, T> List<T> each(int parallel, String name, List<A> all, Question<A, T> question) throws IOException {
        ExecutorService pool = Executors.newFixedThreadPool(parallel, work -> {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<T>> answers = all.stream()
                    .map(one -> pool.submit(() -> question.ask(one)))
                    .toList();
            List<T> results = new ArrayList<>();
            for (Future<T> answer : answers) {
                results.add(answer.get());
            }
            return List.copyOf(results);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(name + " was interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException known) {
                throw known;
            }
            throw new IllegalStateException(name + " failed in a way that was not foreseen", e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }
}
