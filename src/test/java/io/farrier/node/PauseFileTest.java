package io.farrier.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.testing.MovableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PauseFileTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

    @TempDir
    Path root;

    private final MovableClock clock = new MovableClock(NOW);
    private PauseFile file;

    @BeforeEach
    void open() throws IOException {
        file = new PauseFile(NodeFiles.below(root), clock);
    }

    @Test
    void aBareFileOfAShellIsAPauseWithoutAnEnd() throws IOException {
        write("");
        assertThat(file.current()).contains(new Pause("", "", Optional.empty()));
        clock.advance(Duration.ofDays(4000));
        assertThat(file.current()).isPresent();
    }

    @Test
    void whatWasWrittenIsReadAndEndsInTime() throws IOException {
        Pause pause = new Pause("etcd moves", "anna", Optional.of(NOW.plusSeconds(60)));
        file.write(pause);
        assertThat(file.current()).contains(pause);
        assertThatThrownBy(() -> file.check("Tried to pull a"))
                .isInstanceOf(PausedException.class)
                .hasMessage("Tried to pull a: this node is paused; it is paused by /etc/farrier/paused until"
                        + " 2026-11-20T12:01:00Z (etcd moves, says anna). Run 'farrier resume' or remove the file.");
        clock.advance(Duration.ofSeconds(60));
        assertThat(file.current()).isEmpty();
        file.check("Tried to pull a");
    }

    @Test
    void anEndThatCannotBeReadIsNone() throws IOException {
        write("until: tomorrow\nreason: holidays\n");
        clock.advance(Duration.ofDays(4000));
        assertThat(file.current().orElseThrow().reason()).isEqualTo("holidays");
    }

    @Test
    void neitherLengthNorControlCharactersReachWhoReadsIt() throws IOException {
        file.write(new Pause("a\nuntil: 2020-01-01T00:00:00Z\u001b[2J" + "x".repeat(5000), "b\nc", Optional.empty()));
        assertThat(file.current().orElseThrow()).satisfies(pause -> {
            assertThat(pause.until()).isEmpty();
            assertThat(pause.sentence()).doesNotContain("\u001b", "\n").hasSizeLessThan(300);
        });
    }

    @Test
    void whatIsThereAndCannotBeReadPausesAllTheSame() throws IOException {
        Files.createDirectories(root.resolve("etc/farrier/paused"));
        assertThat(file.current()).isPresent();
    }

    @Test
    void endsOnce() throws IOException {
        write("reason: x\n");
        assertThat(file.remove()).isPresent();
        assertThat(file.remove()).isEmpty();
        assertThat(file.current()).isEmpty();
    }

    private void write(String text) throws IOException {
        Path path = root.resolve("etc/farrier/paused");
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
