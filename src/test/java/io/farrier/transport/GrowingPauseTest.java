package io.farrier.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class GrowingPauseTest {
    @Test
    void doublesUpToTheLongestAndBeginsAnewAfterATryThatWorked() {
        GrowingPause pause = new GrowingPause(Duration.ofSeconds(2), Duration.ofSeconds(15));

        assertThat(Stream.generate(pause::next).limit(5).map(Duration::toSeconds))
                .containsExactly(2L, 4L, 8L, 15L, 15L);
        pause.reset();
        assertThat(pause.next()).isEqualTo(Duration.ofSeconds(2));
    }
}
