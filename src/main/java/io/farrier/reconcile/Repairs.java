package io.farrier.reconcile;

import io.farrier.plan.ResourceName;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How often the agent changed each resource within the last hour. Whoever writes a file back each time is never fought in
 * a loop (MISSION T9). It lives as long as one configuration is in force.
 */
public final class Repairs {
    private static final Duration WINDOW = Duration.ofHours(1);

    private final int perHour;
    private final Clock clock;
    private final Map<ResourceName, Deque<Instant>> done = new HashMap<>();

    /** @param perHour how many changes of one resource within an hour are enough, at least 1 */
    public Repairs(int perHour, Clock clock) {
        this.perHour = perHour;
        this.clock = clock;
    }

    synchronized void count(ResourceName resource) {
        recent(resource).addLast(clock.instant());
    }

    /** When the next one may be made; empty when it may be made now. */
    synchronized Optional<Instant> nextAfter(ResourceName resource) {
        Deque<Instant> recent = recent(resource);
        return recent.size() < perHour
                ? Optional.empty()
                : Optional.of(recent.getFirst().plus(WINDOW));
    }

    int perHour() {
        return perHour;
    }

    private Deque<Instant> recent(ResourceName resource) {
        Deque<Instant> recent = done.computeIfAbsent(resource, name -> new ArrayDeque<>());
        Instant begin = clock.instant().minus(WINDOW);
        while (!recent.isEmpty() && !recent.getFirst().isAfter(begin)) {
            recent.removeFirst();
        }
        return recent;
    }
}
