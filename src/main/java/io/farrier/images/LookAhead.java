package io.farrier.images;

import io.farrier.image.Reference;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * Looks at the next images while others are pulled, so that a registry's answer costs no pull its time. Only a few ahead:
 * what was seen long ago may be another image by now.
 */
final class LookAhead implements AutoCloseable {
    private final Function<Reference, Optional<Prospect>> look;
    private final Deque<Reference> next;
    private final ExecutorService pool;
    private final Map<Reference, Future<Optional<Prospect>>> seen = new ConcurrentHashMap<>();

    /**
     * @param order in which they will be taken
     * @param ahead how many are looked at before anybody asks
     */
    LookAhead(List<Reference> order, int ahead, Function<Reference, Optional<Prospect>> look) {
        this.look = look;
        this.next = new ArrayDeque<>(order);
        this.pool = Executors.newFixedThreadPool(ahead, work -> {
            Thread thread = new Thread(work, "look-ahead");
            thread.setDaemon(true);
            return thread;
        });
        for (int i = 0; i < ahead; i++) {
            begin();
        }
    }

    private synchronized void begin() {
        Reference reference = next.poll();
        if (reference != null) {
            seen.put(reference, pool.submit(() -> look.apply(reference)));
        }
    }

    /** What was seen; the first time from before, then anew each time. */
    Optional<Prospect> at(Reference reference) throws InterruptedIOException {
        Future<Optional<Prospect>> before = seen.remove(reference);
        begin();
        return before == null ? look.apply(reference) : answer(before);
    }

    private static Optional<Prospect> answer(Future<Optional<Prospect>> look) throws InterruptedIOException {
        try {
            return look.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the look at an image was interrupted");
        } catch (ExecutionException e) {
            throw new IllegalStateException("a look at an image failed in a way that was not foreseen", e.getCause());
        }
    }

    @Override
    public void close() {
        pool.shutdownNow();
    }
}
