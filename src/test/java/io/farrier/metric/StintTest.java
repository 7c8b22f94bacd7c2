package io.farrier.metric;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class StintTest {
    private final AtomicLong nanos = new AtomicLong(-Duration.ofSeconds(30).toNanos());
    private final Stint stint = new Stint("the image lane", Duration.ofSeconds(60), nanos::get);

    @Test
    void whoRestsNeverOverruns() {
        pass(10_000);
        assertThat(stint.overrun()).isEmpty();

        stint.moved();
        stint.rests();
        pass(10_000);
        assertThat(stint.overrun()).isEmpty();
    }

    @Test
    void saysWhoHasBeenAtTheSameThingForTooLong() {
        stint.moved();
        pass(60);
        assertThat(stint.overrun()).isEmpty();
        pass(1);
        assertThat(stint.overrun()).contains("the image lane has not moved for 61 s");
    }

    @Test
    void gettingFurtherIsNotHanging() {
        stint.moved();
        for (int minute = 0; minute < 100; minute++) {
            pass(59);
            assertThat(stint.overrun()).isEmpty();
            stint.moved();
        }
    }

    private void pass(long seconds) {
        nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }
}
