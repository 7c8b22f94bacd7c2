package io.farrier.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.farrier.plan.FileState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was read before is read again whenever it can have changed, however little shows from outside. */
final class KnownFilesTest {
    private static final Path PATH = Path.of("/etc/docker/daemon.json");
    private static final int ROUNDS = 200;

    @TempDir
    Path root;

    private NodeFiles files;
    private Path file;
    private FileTime written;

    /** Old enough to be remembered, and remembered. */
    @BeforeEach
    void readOnce() throws IOException {
        files = NodeFiles.below(root);
        file = Files.createDirectories(root.resolve("etc/docker")).resolve("daemon.json");
        Files.writeString(file, "before");
        Files.setAttribute(file, "unix:mode", 0644);
        written = Files.getLastModifiedTime(file);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> ctime().isBefore(Instant.now().minusSeconds(3)));
        assertThat(files.read(PATH, 100)).isEqualTo(state("before", 0644));
        assertThat(files.read(PATH, 100)).isEqualTo(state("before", 0644));
    }

    @Test
    void seesBytesThatWereWrittenInPlaceUnderTheOldTime() throws IOException {
        Files.writeString(file, "beyond");
        Files.setLastModifiedTime(file, written);

        assertThat(files.read(PATH, 100)).isEqualTo(state("beyond", 0644));
    }

    @Test
    void seesAnotherFileOfTheSameSizeAndTime() throws IOException {
        Path other = Files.writeString(file.resolveSibling("other"), "beyond");
        Files.setAttribute(other, "unix:mode", 0644);
        Files.setLastModifiedTime(other, written);
        Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);

        assertThat(files.read(PATH, 100)).isEqualTo(state("beyond", 0644));
    }

    @Test
    void seesAnotherMode() throws IOException {
        Files.setAttribute(file, "unix:mode", 0600);

        assertThat(files.read(PATH, 100)).isEqualTo(state("before", 0600));
    }

    @Test
    void seesThatItIsGone() throws IOException {
        Files.delete(file);

        assertThat(files.read(PATH, 100)).isEqualTo(FileState.ABSENT);
    }

    @Test
    void stillRefusesWhatIsTooLong() {
        assertThatThrownBy(() -> files.read(PATH, 3)).hasMessageContaining("it has 6 bytes; at most 3 are expected");
    }

    /** Changes faster than the clock that stamps them. */
    @Test
    void seesEachOfManyChangesWithinOneTick() throws IOException {
        for (int round = 0; round < ROUNDS; round++) {
            String text = String.format("%06d", round);
            Files.writeString(file, text);
            assertThat(files.read(PATH, 100)).isEqualTo(state(text, 0644));
        }
    }

    private Instant ctime() throws IOException {
        return ((FileTime) Files.getAttribute(file, "unix:ctime")).toInstant();
    }

    private static FileState state(String text, int mode) {
        return FileState.of(text.getBytes(UTF_8), mode);
    }
}
