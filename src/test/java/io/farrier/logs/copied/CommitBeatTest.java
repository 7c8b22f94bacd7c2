package io.farrier.logs.copied;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class CommitBeatTest {
    @Test
    void whoeverBeganWhenCommitsAtTheSameMoments() {
        for (int begun : new int[] {0, 1, 4}) {
            assertThat(CommitBeat.isDue(seconds(begun), seconds(5) - 1)).isFalse();
            assertThat(CommitBeat.isDue(seconds(begun), seconds(5))).isTrue();
        }
        assertThat(CommitBeat.isDue(seconds(5), seconds(10) - 1)).isFalse();
        assertThat(CommitBeat.isDue(seconds(9), seconds(10))).isTrue();
    }

    /** {@code System.nanoTime()} may begin anywhere. */
    @Test
    void aClockBelowZeroHasTheSameBeat() {
        assertThat(CommitBeat.isDue(seconds(-4), -1)).isFalse();
        assertThat(CommitBeat.isDue(-1, 0)).isTrue();
        assertThat(CommitBeat.isDue(seconds(-6), seconds(-5))).isTrue();
    }

    @Test
    void whoeverWasLateCommitsAtTheNextMomentAllTheSame() {
        assertThat(CommitBeat.isDue(seconds(5), seconds(14))).isTrue();
        assertThat(CommitBeat.isDue(seconds(14), seconds(15))).isTrue();
    }

    private static long seconds(int seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }
}
