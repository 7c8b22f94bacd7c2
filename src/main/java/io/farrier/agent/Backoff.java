package io.farrier.agent;

import io.farrier.transport.GrowingPause;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential, with full jitter: any time between nothing and the bound, so that the nodes of a collector that comes
 * back do not all come back at once.
 */
final class Backoff {
    private static final Duration FIRST_BOUND = Duration.ofSeconds(1);
    private static final Duration LAST_BOUND = Duration.ofMinutes(1);

    /** Also the luckiest draw leaves a refusing collector some rest. */
    static final Duration LEAST = Duration.ofMillis(100);

    /** No wait is longer. */
    static final Duration LONGEST = LEAST.plus(LAST_BOUND);

    private final RandomGenerator random;
    private final GrowingPause bound = new GrowingPause(FIRST_BOUND, LAST_BOUND);

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    Duration next() {
        return LEAST.plusMillis(random.nextLong(bound.next().toMillis()));
    }

    /** After a connection that worked. */
    void reset() {
        bound.reset();
    }
}
