package io.farrier.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class PacerTest {
    private static final long MIB = 1L << 20;

    private Duration now = Duration.ZERO;

    @Test
    void keepsTheRateOnTheAverageHoweverLargeTheImages() throws InterruptedException {
        Pacer pacer = pacer(Optional.of(10 * MIB));
        long[] images = {200 * MIB, 5 * MIB, MIB, 90 * MIB, 4 * MIB};
        long before = 0;

        for (long image : images) {
            pacer.take(image);
            assertThat(before).as("bytes allowed until " + now).isLessThanOrEqualTo(10 * MIB * now.toMillis() / 1000);
            before += image;
        }

        assertThat(now).as("the last one may begin").isEqualTo(Duration.ofMillis(29_600));
    }

    @Test
    void savesNothingUpWhileNothingIsPulled() throws InterruptedException {
        Pacer pacer = pacer(Optional.of(10 * MIB));
        now = Duration.ofHours(1);

        pacer.take(100 * MIB);
        pacer.take(MIB);

        assertThat(now).isEqualTo(Duration.ofHours(1).plusSeconds(10));
    }

    @Test
    void withoutARateNobodyWaits() throws InterruptedException {
        pacer(Optional.empty()).take(Long.MAX_VALUE);

        assertThat(now).isZero();
    }

    private Pacer pacer(Optional<Long> rate) {
        return new Pacer(rate, () -> now.toNanos(), wait -> now = now.plus(wait));
    }
}
