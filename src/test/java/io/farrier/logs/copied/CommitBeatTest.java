package io.farrier.logs.copied;

import static io.farrier.logs.copied.CommitBeat.COPIES;
import static io.farrier.logs.copied.CommitBeat.CURSORS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class CommitBeatTest {
    @Test
    void whoeverBeganWhenCommitsAtTheSameMoments() {
        for (int begun : new int[] {0, 1, 14}) {
            assertThat(CURSORS.isBetween(seconds(begun), seconds(15) - 1)).isFalse();
            assertThat(CURSORS.isBetween(seconds(begun), seconds(15))).isTrue();
        }
        assertThat(CURSORS.isBetween(seconds(15), seconds(30) - 1)).isFalse();
        assertThat(CURSORS.isBetween(seconds(29), seconds(30))).isTrue();
    }

    @Test
    void copiesCommitInAMomentInWhichCursorsDo() {
        for (long second = 1; second <= 600; second++) {
            if (COPIES.isBetween(seconds(second - 1), seconds(second))) {
                assertThat(CURSORS.isBetween(seconds(second - 1), seconds(second)))
                        .isTrue();
            }
        }
    }

    /** {@code System.nanoTime()} may begin anywhere. */
    @Test
    void aClockBelowZeroHasTheSameBeat() {
        assertThat(CURSORS.isBetween(seconds(-14), -1)).isFalse();
        assertThat(CURSORS.isBetween(-1, 0)).isTrue();
        assertThat(CURSORS.isBetween(seconds(-16), seconds(-15))).isTrue();
    }

    @Test
    void whoeverWasLateCommitsAtTheNextMomentAllTheSame() {
        assertThat(CURSORS.isBetween(seconds(15), seconds(44))).isTrue();
        assertThat(CURSORS.isBetween(seconds(44), seconds(45))).isTrue();
    }

    private static long seconds(long seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }
}
