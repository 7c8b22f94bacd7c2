package io.farrier.collector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class NodeRateTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @Test
    void aSecondsWorthIsAcknowledgedAtOnceAndTheRestWhenItsTimeHasCome() {
        NodeRate rate = new NodeRate(1000, 0);

        assertThat(rate.spend(1000, 0)).isZero();
        assertThat(rate.spend(500, 0)).isEqualTo(SECOND / 2);
        assertThat(rate.spend(1000, SECOND)).isEqualTo(3 * SECOND / 2);
    }

    @Test
    void nothingMoreThanASecondsWorthIsSavedUp() {
        NodeRate rate = new NodeRate(1000, 0);

        assertThat(rate.isIdle(SECOND)).isTrue();
        assertThat(rate.spend(1000, 100 * SECOND)).isEqualTo(100 * SECOND);
        assertThat(rate.isIdle(100 * SECOND)).isFalse();
        assertThat(rate.spend(1000, 100 * SECOND)).isEqualTo(101 * SECOND);
    }
}
