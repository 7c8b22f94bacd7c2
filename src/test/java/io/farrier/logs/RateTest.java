package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RateTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @Test
    void givesASecondsWorthAtOnceAndThenAsMuchInEachSecond() {
        Rate rate = new Rate(1000, 0);
        rate.spend(1000);

        assertThat(rate.room(0)).isZero();
        assertThat(rate.room(SECOND / 2)).isEqualTo(500);
    }

    @Test
    void savesUpNoMoreThanASecond() {
        assertThat(new Rate(1000, 0).room(60 * SECOND)).isEqualTo(1000);
    }

    @Test
    void aLongLineIsPaidForAfterwards() {
        Rate rate = new Rate(1000, 0);
        rate.spend(3000);

        assertThat(rate.room(SECOND)).isNegative();
        assertThat(rate.room(3 * SECOND)).isEqualTo(1000);
    }

    @Test
    void withoutALimitThereIsAlwaysRoom() {
        Rate rate = new Rate(Rate.NONE, 0);
        rate.spend(Long.MAX_VALUE / 2);

        assertThat(rate.room(0)).isEqualTo(Long.MAX_VALUE);
    }
}
