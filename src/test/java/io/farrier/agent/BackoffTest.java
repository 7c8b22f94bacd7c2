package io.farrier.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackoffTest {
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
