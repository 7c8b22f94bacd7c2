package io.farrier.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.testing.MovableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StartsTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final Path STATE = Path.of("/var/lib/farrier");

    @TempDir
    Path root;

    private final MovableClock clock = new MovableClock(NOW);
    private Starts starts;

    @BeforeEach
    void open() throws IOException {
        starts = new Starts(NodeFiles.below(root), STATE, clock);
    }

    @Test
    void threeEndsThatNobodyOrderedWithinTenMinutesAreTooMany() throws IOException {
        assertThat(starts.begin()).isEmpty();
        clock.advance(Duration.ofMinutes(4));
        assertThat(starts.begin()).isEmpty();
        clock.advance(Duration.ofMinutes(4));
        assertThat(starts.begin()).isEmpty();
        clock.advance(Duration.ofMinutes(1));
        assertThat(starts.begin())
                .contains(
                        "it ended 3 times within 10 minutes without being told to, at last before 2026-11-20T12:09:00Z");
    }

    @Test
    void afterThatTheyAreNotCountedAgain() throws IOException {
        for (int life = 0; life < 4; life++) {
            starts.begin();
        }
        assertThat(starts.begin()).isEmpty();
        assertThat(starts.begin()).isEmpty();
        assertThat(starts.begin()).isPresent();
    }

    @Test
    void anEndThatWasOrderedIsNone() throws IOException {
        for (int life = 0; life < 10; life++) {
            assertThat(starts.begin()).isEmpty();
            starts.end();
        }
    }

    @Test
    void anOrderedEndForgetsNoOther() throws IOException {
        starts.begin();
        starts.begin();
        starts.begin();
        starts.end();
        assertThat(starts.begin()).isEmpty();
        assertThat(starts.begin()).isPresent();
    }

    @Test
    void endsThatAreLongAgoCountNoMore() throws IOException {
        for (int life = 0; life < 20; life++) {
            assertThat(starts.begin()).isEmpty();
            clock.advance(Duration.ofMinutes(5));
        }
    }

    @Test
    void aClockThatWasSetBackHidesNone() throws IOException {
        starts.begin();
        starts.begin();
        clock.advance(Duration.ofDays(-400));
        starts.begin();
        assertThat(starts.begin()).isPresent();
    }

    @Test
    void aFileOfNonsenseIsNoHistory() throws IOException {
        Path file = root.resolve("var/lib/farrier/starts");
        Files.createDirectories(file.getParent());
        Files.write(file, new byte[] {0, (byte) 0xff, '\n', 'x'});
        assertThat(starts.begin()).isEmpty();
        assertThat(Files.readString(file)).isEqualTo("running\n");
    }
}
