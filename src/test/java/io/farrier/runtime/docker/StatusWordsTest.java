package io.farrier.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lines as {@code docker ps --all} of 20.10 to 28.5 shows them. */
final class StatusWordsTest {
    @ParameterizedTest
    @CsvSource(textBlock = """
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
        assertThat(words(after).isOlderThan(words(before))).isTrue();
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            Up 5 minutes,                 Up 4 minutes
            Up 5 minutes,                 Up 3 seconds
            Up 2 hours,                   Up About an hour
            Up 2 weeks,                   Up Less than a second
            Up 5 seconds,                 Up 9 seconds
            Up 1 second,                  Up 5 minutes
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
        assertThat(words(after).isOlderThan(words(before))).isFalse();
        assertThat(words(after)).isNotEqualTo(words(before));
    }

    private static StatusWords words(String line) {
        return StatusWords.parse(line);
    }
}
