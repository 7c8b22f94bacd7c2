package io.farrier.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LogTest {
    private final AtomicLong now = new AtomicLong();
    private final Log log = new Log(now::get);

    @Test
    void saysWhatOthersCanRepeatOnceAMinute() {
        assertThat(log.seldom("The collector is away")).isTrue();
        assertThat(log.seldom("The collector is away")).isFalse();
        assertThat(log.seldom("The disk is full")).isTrue();

        now.addAndGet(Duration.ofMinutes(1).toNanos());

        assertThat(log.seldom("The collector is away")).isTrue();
    }

    @Test
    void saysGoodNewsOnceAMinuteAndBadNewsOfTheSameBeginningAllTheSame() {
        Log log = new Log(() -> 0);

        assertThat(log.infoSeldom("welcome", "The collector welcomed this node"))
                .isTrue();
        assertThat(log.infoSeldom("welcome", "The collector welcomed this node"))
                .isFalse();
        assertThat(log.seldom("The collector welcomed this node, and hung up")).isTrue();
    }

    @Test
    void nobodyForgesALineOfTheJournal() {
        assertThat(Log.escaped("closed\r\nWARNING: all is well\u001b[2J\u202e\u2028"))
                .isEqualTo("closed\\u000d\\u000aWARNING: all is well\\u001b[2J\\u202e\\u2028");
    }
}
