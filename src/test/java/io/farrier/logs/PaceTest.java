package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {
    @Test
    void aBurstGoesAtOnceAndThenSoManyASecond() {
        Pace pace = new Pace(0);

        assertThat(taken(pace, 0)).isBetween(Pace.BURST, Pace.BURST + 1);
        assertThat(taken(pace, TimeUnit.MILLISECONDS.toNanos(100)))
                .isBetween(Pace.BATCHES_PER_SECOND / 10 - 1, Pace.BATCHES_PER_SECOND / 10 + 1);
        assertThat(taken(pace, TimeUnit.HOURS.toNanos(1)))
                .as("rest is not saved up")
                .isLessThan(Pace.BURST + 2);
    }

    private static int taken(Pace pace, long now) {
        int taken = 0;
        while (pace.take(now)) {
            taken++;
        }
        return taken;
    }
}
