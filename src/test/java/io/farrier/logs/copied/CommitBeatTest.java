package io.farrier.logs.copied;

import static io.farrier.logs.copied.CommitBeat.COPIES;
import static io.farrier.logs.copied.CommitBeat.CURSORS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class CommitBeatTest {
    @Test
    void whoeverBeganWhenCommitsAtTheSameMoments() {
        for (int begun : new int[] {0, 1, 9}) {
            assertThat(CURSORS.isDue(seconds(begun), seconds(10) - 1)).isFalse();
            assertThat(CURSORS.isDue(seconds(begun), seconds(10))).isTrue();
        }
        assertThat(CURSORS.isDue(seconds(10), seconds(20) - 1)).isFalse();
        assertThat(CURSORS.isDue(seconds(19), seconds(20))).isTrue();
    }

    @Test
    void copiesCommitInAMomentInWhichCursorsDo() {
        for (long second = 1; second <= 600; second++) {
            if (COPIES.isDue(seconds(second - 1), seconds(second))) {
                assertThat(CURSORS.isDue(seconds(second - 1), seconds(second))).isTrue();
            }
        }
    }

    /** Besides what new and rotated logs take. */
    @Test
    void fiveCopiesThatGrowAndTheCursorsAreForcedTwelveTimesAMinute() {
        int copies = 5;
        int fsyncs = 0;
        for (long second = 1; second <= 600; second++) {
            fsyncs += CURSORS.isDue(seconds(second - 1), seconds(second)) ? 1 : 0;
            fsyncs += COPIES.isDue(seconds(second - 1), seconds(second)) ? copies + 1 : 0;
        }
        assertThat(fsyncs).isEqualTo(120);
    }

    /** {@code System.nanoTime()} may begin anywhere. */
    @Test
    void aClockBelowZeroHasTheSameBeat() {
        assertThat(CURSORS.isDue(seconds(-9), -1)).isFalse();
        assertThat(CURSORS.isDue(-1, 0)).isTrue();
        assertThat(CURSORS.isDue(seconds(-11), seconds(-10))).isTrue();
    }

    @Test
    void whoeverWasLateCommitsAtTheNextMomentAllTheSame() {
        assertThat(CURSORS.isDue(seconds(10), seconds(29))).isTrue();
        assertThat(CURSORS.isDue(seconds(29), seconds(30))).isTrue();
    }

    private static long seconds(long seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }
}
