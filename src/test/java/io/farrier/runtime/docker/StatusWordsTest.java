package io.farrier.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines as {@code docker ps --all} of 20.10 to 28.5 shows them. */
final class StatusWordsTest {
    /** Between two looks. */
    private static final long ELAPSED = 10;

    @ParameterizedTest
    @CsvSource(textBlock = """
            Up 20 seconds,                Up 30 seconds
            Up 13 seconds,                Up 13 seconds
            Up 55 seconds,                Up About a minute
            Up About a minute,            Up 2 minutes
            Up 2 minutes,                 Up 2 minutes
            Up 59 minutes,                Up About an hour
            Up About an hour (healthy),   Up 2 hours (healthy)
            Up 47 hours,                  Up 2 days
            Up 13 days (Paused),          Up 2 weeks (Paused)
            Up 8 weeks,                   Up 2 months
            Up 23 months,                 Up 2 years
            Exited (137) 5 minutes ago,   Exited (137) 2 hours ago
            """)
    void onlyTimeWentBy(String before, String after) {
        assertThat(words(after).isStill(words(before), ELAPSED)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            Up 5 minutes,                 Up 4 minutes
            Up 5 minutes,                 Up 3 seconds
            Up 2 hours,                   Up About an hour
            Up 2 weeks,                   Up Less than a second
            Up 5 seconds,                 Up 9 seconds
            Up 5 seconds,                 Up 12 seconds
            Up 8 seconds,                 Up 8 seconds
            Up 30 seconds,                Up 29 seconds
            Up 5 minutes,                 Up 6 minutes (healthy)
            Up 5 minutes (healthy),       Up 6 minutes (unhealthy)
            Up 5 minutes,                 Up 6 minutes (Paused)
            Up 5 minutes,                 Exited (0) 6 minutes ago
            Exited (0) 5 minutes ago,     Exited (1) 6 minutes ago
            Restarting (1) 5 seconds ago, Restarting (1) 9 seconds ago
            Created,                      Up 2 minutes
            Up 5 minutes,                 Created
            Dead,                         Dead of something new
            """)
    void somethingMayHaveHappened(String before, String after) {
        assertThat(words(after).isStill(words(before), ELAPSED)).isFalse();
    }

    /** After a pause, in which anything may have begun anew: Docker says "2 hours" from an hour and a half on. */
    @ParameterizedTest
    @CsvSource({
        "Up 2 hours, 5399, true",
        "Up 2 hours, 5400, false",
        "Up 3 days, 259190, true",
        "Up 3 days, 259200, false"
    })
    void whatIsNotOlderThanTheLastLookMayHaveBegunAnew(String words, long elapsed, boolean isStill) {
        assertThat(words(words).isStill(words(words), elapsed - 2)).isEqualTo(isStill);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Created", "Dead", "Removal In Progress"})
    void whatHasNoAgeIsTheSameForAsLongAsItSaysSo(String words) {
        assertThat(words(words).isStill(words(words), 1_000_000)).isTrue();
    }

    private static StatusWords words(String line) {
        return StatusWords.parse(line);
    }
}
