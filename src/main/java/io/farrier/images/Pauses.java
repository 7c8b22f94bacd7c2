package io.farrier.images;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** How long to wait before trying again: doubling from one second, half of it by chance, so that nodes spread out. */
record Pauses(RandomGenerator random, Sleeper sleeper) {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    /** Time, from outside. */
    interface Sleeper {
        void sleep(Duration duration) throws InterruptedException;
    }

    /**
     * @param attempt counts from 1
     * @param asked how long the other side wants to be left alone; a little more by chance, because it says the same to
     *     all nodes
     */
    void after(int attempt, Optional<Duration> asked) throws InterruptedException {
        Duration own = length(attempt);
        sleeper.sleep(asked.map(wait -> wait.plus(own)).orElse(own));
    }

    Duration length(int attempt) {
        long full = Math.min(LONGEST.toMillis(), FIRST.toMillis() << Math.min(attempt - 1, 10));
        return Duration.ofMillis(full / 2 + random.nextLong(full / 2 + 1));
    }
}
