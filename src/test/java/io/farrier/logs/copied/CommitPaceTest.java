package io.farrier.logs.copied;

import static io.farrier.logs.copied.CommitBeat.COPIES;
import static io.farrier.logs.copied.CommitBeat.CURSORS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CommitPaceTest {
    /** Looks are a second apart, and a commit is a little later than its beat. */
    private static final long LATE = TimeUnit.MILLISECONDS.toNanos(700);

    /** As in {@code SAFETY.md}, 23. */
    private static final int MOST_IN_A_MINUTE = 12;

    private static final int HOUR = 3600;

    /** What a kind of its own forces in an hour, and when. */
    private static final class Forced {
        private final CommitPace pace;
        private final int each;
        private final boolean alwaysHasReason;
        private final List<Integer> seconds = new ArrayList<>();

        Forced(CommitBeat beat, int each, boolean alwaysHasReason) {
            this.pace = new CommitPace(beat, LATE);
            this.each = each;
            this.alwaysHasReason = alwaysHasReason;
        }

        void look(int second) {
            long now = TimeUnit.SECONDS.toNanos(second) + LATE;
            if (pace.isDue(now) || alwaysHasReason && pace.isFree(now)) {
                pace.committed(each, now);
                seconds.add(second);
            }
        }

        int fsyncs() {
            return seconds.size() * each;
        }
    }

    /** Logs that are new in every second, each of them the end of another whose hold is given back, and so many copies. */
    @ParameterizedTest
    @CsvSource({"1, 0, 0", "2, 0, 0", "1, 1, 1", "1, 2, 2", "2, 3, 3", "2, 5, 1", "2, 20, 33"})
    void oneInFiveSecondsIsForcedHoweverMuchThereIs(int checkpoint, int units, int containers) {
        Forced cursors = new Forced(CURSORS, checkpoint, true);
        Forced ofUnits = new Forced(COPIES, units + 1, false);
        Forced ofContainers = new Forced(COPIES, containers + 1, false);
        List<Forced> all = List.of(cursors, ofUnits, ofContainers);
        for (int second = 0; second < HOUR; second++) {
            for (Forced each : all) {
                each.look(second);
            }
        }
        // What was forced last has not had its time yet.
        int last = checkpoint + units + 1 + containers + 1;
        assertThat(all.stream().mapToInt(Forced::fsyncs).sum())
                .isLessThanOrEqualTo(HOUR / 60 * MOST_IN_A_MINUTE + last)
                .isGreaterThan(HOUR / 60 * MOST_IN_A_MINUTE / 3);
    }

    @Test
    void cursorsAreForcedFourTimesAMinuteAndTwoCopiesOnceEach() {
        Forced cursors = new Forced(CURSORS, 1, false);
        Forced copies = new Forced(COPIES, 3, false);
        for (int second = 0; second <= 120; second++) {
            cursors.look(second);
            copies.look(second);
        }
        assertThat(cursors.seconds).containsExactly(15, 30, 45, 60, 75, 90, 105, 120);
        assertThat(copies.seconds).containsExactly(60, 120);
    }

    @Test
    void moreThanItsShareIsForcedInAMomentOfTheOthersAllTheSame() {
        Forced copies = new Forced(COPIES, 9, false);
        for (int second = 0; second <= 600; second++) {
            copies.look(second);
        }
        assertThat(copies.seconds).containsExactly(60, 240, 420, 600);
    }

    @Test
    void whoeverCameForReasonsOfItsOwnWaitsTheLongerButNotForEver() {
        CommitPace pace = new CommitPace(CURSORS, 0);
        pace.committed(2, 0);
        pace.committed(2, seconds(1));
        assertThat(pace.isFree(seconds(47))).isFalse();
        assertThat(pace.isFree(seconds(48))).isTrue();
        assertThat(pace.isDue(seconds(59))).isFalse();
        assertThat(pace.isDue(seconds(60))).isTrue();

        for (int often = 0; often < 1000; often++) {
            pace.committed(2, seconds(60));
        }
        assertThat(pace.isDue(seconds(209))).isFalse();
        assertThat(pace.isDue(seconds(225))).isTrue();
    }

    @Test
    void whatTookNothingIsDueAtTheNextBeat() {
        CommitPace pace = new CommitPace(CURSORS, seconds(-3));
        pace.committed(0, seconds(-1));
        assertThat(pace.isFree(seconds(-1))).isTrue();
        assertThat(pace.isDue(seconds(-1))).isFalse();
        assertThat(pace.isDue(0)).isTrue();
        assertThat(pace.since(0)).isEqualTo(seconds(1));
    }

    private static long seconds(long seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }
}
