package io.farrier.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {
    private static final int TEN_MINUTES_OF_HALF_SECONDS = 1200;

    @Test
    void waitsLongerEachTimeUpToAMinute() {
        Backoff backoff = new Backoff(new Random(1));

        for (long bound : new long[] {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
            assertThat(backoff.next()).isBetween(Duration.ofMillis(100), Duration.ofMillis(bound * 1000 + 100));
        }
    }

    @Test
    void spreadsTheNodesOfACollectorThatComesBack() {
        long early = Stream.generate(() -> sixth(new Backoff(new Random())))
                .limit(400)
                .filter(wait -> wait.compareTo(Duration.ofSeconds(16)) < 0)
                .count();

        assertThat(early).as("about half of 400 in the first half").isBetween(120L, 280L);
    }

    /** A collector that is down for ten minutes, and 400 nodes that lost it in the same instant. */
    @Test
    void fourHundredNodesNeverKnockTogether() {
        int[] knocks = new int[TEN_MINUTES_OF_HALF_SECONDS];
        for (int node = 0; node < 400; node++) {
            Backoff backoff = new Backoff(new Random(node));
            for (long at = backoff.next().toMillis();
                    at / 500 < knocks.length;
                    at += backoff.next().toMillis()) {
                knocks[(int) (at / 500)]++;
            }
        }

        assertThat(IntStream.of(knocks).max().getAsInt())
                .as("the first half second is the worst")
                .isLessThan(300);
        assertThat(IntStream.of(knocks).skip(120).max().getAsInt())
                .as("in half a second, a minute later")
                .isLessThan(30);
    }

    /** 10,000 nodes that lost it in the same instant: whenever it is back, so many come within a second at most. */
    @ParameterizedTest
    @CsvSource({"5, 0.5", "10, 0.25", "20, 0.125", "40, 0.0625"})
    void noMoreThanAShareOfAllComesBackInTheSameSecond(int awaySeconds, double share) {
        int[] returns = new int[Math.toIntExact(Backoff.LONGEST.toSeconds()) + 1];
        for (int node = 0; node < 10_000; node++) {
            Backoff backoff = new Backoff(new Random(node));
            long at = 0;
            while (at < awaySeconds * 1000L) {
                at += backoff.next().toMillis();
            }
            returns[(int) (at / 1000) - awaySeconds]++;
        }

        assertThat(Knocks.promisedShare(Duration.ofSeconds(awaySeconds))).isCloseTo(share, within(0.001));
        assertThat(IntStream.of(returns).sum())
                .as("all within the longest wait")
                .isEqualTo(10_000);
        assertThat(IntStream.of(returns).max().getAsInt() / 10_000.0).isLessThan(share);
    }

    @Test
    void beginsAnewAfterAConnectionThatWorked() {
        Backoff backoff = new Backoff(new Random(1));
        sixth(backoff);

        backoff.reset();

        assertThat(backoff.next()).isLessThan(Duration.ofMillis(1101));
    }

    private static Duration sixth(Backoff backoff) {
        for (int i = 0; i < 5; i++) {
            backoff.next();
        }
        return backoff.next();
    }
}
