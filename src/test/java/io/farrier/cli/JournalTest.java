package io.farrier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JournalTest {
    /** sd-daemon(3): SD_ERR, SD_WARNING, SD_INFO, SD_DEBUG. */
    @ParameterizedTest
    @CsvSource({"SEVERE,3", "WARNING,4", "INFO,6", "CONFIG,7", "FINE,7"})
    void journaldLearnsHowGraveItIs(String level, int priority) {
        assertThat(new Journal.Line(true).format(entry(Level.parse(level), "the disk is gone")))
                .isEqualTo("<" + priority + ">the disk is gone\n");
    }

    @Test
    void whereNoJournalListensTheTimeStandsInFront() {
        assertThat(new Journal.Line(false).format(entry(Level.WARNING, "the disk is gone")))
                .isEqualTo("2026-11-29T08:00:00Z the disk is gone\n");
    }

    @Test
    void nothingForeignMakesALineOfItsOwnOrReachesATerminal() {
        assertThat(new Journal.Line(true).format(entry(Level.INFO, "said: x\n<0>on fire\u001b[2J")))
                .startsWith("<6>said: x")
                .endsWith("\n")
                .hasLineCount(1)
                .doesNotContain("\u001b");
    }

    @Test
    void whatWasThrownIsNamedAndALineEnds() {
        LogRecord failed = entry(Level.SEVERE, "It failed");
        failed.setThrown(new IllegalStateException("no room"));
        assertThat(new Journal.Line(true).format(failed))
                .isEqualTo("<3>It failed (java.lang.IllegalStateException: no room)\n");
        assertThat(new Journal.Line(true).format(entry(Level.INFO, "x".repeat(10_000))))
                .hasSizeLessThan(2_100)
                .endsWith("...\n");
    }

    private static LogRecord entry(Level level, String words) {
        LogRecord entry = new LogRecord(level, words);
        entry.setInstant(Instant.parse("2026-11-29T08:00:00Z"));
        return entry;
    }
}
