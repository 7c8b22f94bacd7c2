package io.farrier.images;

import io.farrier.image.Reference;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** How often images were brought back within the last hour. Somebody who removes one again and again is not fought. */
final class Returns {
    private static final Duration WINDOW = Duration.ofHours(1);

    private final int limit;
    private final Clock clock;
    private final Map<Reference, Deque<Instant>> returned = new ConcurrentHashMap<>();

    /** @param limit how often an hour is no fight */
    Returns(int limit, Clock clock) {
        this.limit = limit;
        this.clock = clock;
    }

    /** Counts that an image that had been here once is pulled again. */
    void count(Reference reference) {
        Deque<Instant> times = times(reference);
        synchronized (times) {
            times.add(clock.instant());
        }
    }

    /** Why it stays away for now; empty when it may come back. */
    Optional<String> objection(Reference reference) {
        Deque<Instant> times = times(reference);
        synchronized (times) {
            Instant begin = clock.instant().minus(WINDOW);
            while (!times.isEmpty() && times.peekFirst().isBefore(begin)) {
                times.removeFirst();
            }
            return times.size() < limit
                    ? Optional.empty()
                    : Optional.of(
                            "It was removed " + times.size() + " times within an hour, so farrier lets it be until "
                                    + times.getFirst().plus(WINDOW).truncatedTo(java.time.temporal.ChronoUnit.SECONDS)
                                    + ". Who removes it: the kubelet's garbage collector, a cron job with 'prune'?"
                                    + " Raise 'images.returns' to go on.");
        }
    }

    private Deque<Instant> times(Reference reference) {
        return returned.computeIfAbsent(reference, any -> new ArrayDeque<>());
    }
}
