package io.farrier.agent;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * When a node tries to connect, by {@link System#nanoTime()}: whenever it was refused or lost its connection it draws once for
 * the time of its next attempt, and this hears of it.
 */
final class Knocks {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Queue<Long> times = new ConcurrentLinkedQueue<>();

    /** Of its backoff. */
    RandomGenerator dice() {
        Random dice = new Random();
        return new RandomGenerator() {
            @Override
            public long nextLong() {
                return dice.nextLong();
            }

            @Override
            public long nextLong(long bound) {
                long drawn = dice.nextLong(bound);
                times.add(System.nanoTime() + Backoff.LEAST.plusMillis(drawn).toNanos());
                return drawn;
            }
        };
    }

    Stream<Long> times() {
        return times.stream();
    }

    /** The one that led to the welcome. */
    long lastBefore(long welcomedAt) {
        return times.stream()
                .filter(time -> time - welcomedAt < 0)
                .max(Comparator.naturalOrder())
                .orElse(welcomedAt);
    }

    /** How many there were, and how many of them within the busiest second. */
    record Count(int all, int inWorstSecond) {
        static Count of(Stream<Long> times) {
            List<Long> sorted = times.sorted().toList();
            int worst = 0;
            int first = 0;
            for (int last = 0; last < sorted.size(); last++) {
                while (sorted.get(last) - sorted.get(first) >= SECOND) {
                    first++;
                }
                worst = Math.max(worst, last - first + 1);
            }
            return new Count(sorted.size(), worst);
        }
    }

    /**
     * What share of all nodes knocks within one second at most, on the average of many fleets, after an outage: by then each
     * draws from a bound that is at least this wide, and every further draw from one that is twice as wide.
     */
    static double promisedShare(Duration outage) {
        Backoff slowest = new Backoff(new Highest());
        Duration refused = Duration.ZERO;
        Duration wait = slowest.next();
        while (refused.plus(wait).compareTo(outage) <= 0) {
            refused = refused.plus(wait);
            wait = slowest.next();
        }
        return Math.min(1, 2.0 / wait.toSeconds());
    }

    private static final class Highest implements RandomGenerator {
        @Override
        public long nextLong() {
            return Long.MAX_VALUE;
        }

        @Override
        public long nextLong(long bound) {
            return bound - 1;
        }
    }
}
