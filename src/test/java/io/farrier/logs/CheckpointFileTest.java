package io.farrier.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointFileTest {
    @TempDir
    Path stateDir;

    @Test
    void aFirstStartIsNoDamage() throws IOException {
        assertThat(content().entries()).isEmpty();
        assertThat(content().damage()).isEmpty();
    }

    @Test
    void countsTheLinesThatDoNotCheck() throws IOException {
        Files.write(cursors(), "00000000 {}\n00000000 {}\ncut".getBytes(UTF_8));

        assertThat(content().entries()).isEmpty();
        assertThat(content().damage())
                .contains("3 line(s) of " + cursors() + ", whose log files are read again from their beginning");
    }

    private CheckpointFile.Content content() throws IOException {
        return new CheckpointFile(stateDir).content();
    }

    private Path cursors() {
        return stateDir.resolve("cursors");
    }
}
