package io.farrier.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SafeModeFileTest {
    private static final SafeMode FIRST = new SafeMode(Instant.parse("2026-11-20T12:00:00Z"), "it ended 3 times");

    @TempDir
    Path root;

    private SafeModeFile file;

    @BeforeEach
    void open() throws IOException {
        file = new SafeModeFile(NodeFiles.below(root), Path.of("/var/lib/farrier"));
    }

    @Test
    void isOnUntilItIsLeft() throws IOException {
        assertThat(file.current()).isEmpty();
        file.enter(FIRST);
        assertThat(file.current()).contains(FIRST);
        assertThat(file.leave()).contains(FIRST);
        assertThat(file.current()).isEmpty();
        assertThat(file.leave()).isEmpty();
    }

    @Test
    void theFirstReasonStays() throws IOException {
        file.enter(FIRST);
        file.enter(new SafeMode(Instant.parse("2026-11-20T13:00:00Z"), "another one"));
        assertThat(file.current()).contains(FIRST);
    }

    @Test
    void anythingThatIsThereCounts() throws IOException {
        Path there = root.resolve("var/lib/farrier/safe-mode");
        Files.createDirectories(there.getParent());
        Files.writeString(there, "");
        assertThat(file.current()).contains(new SafeMode(Instant.EPOCH, ""));
        Files.writeString(there, "yesterday\nby\u001b[2J hand\n\n");
        assertThat(file.current()).contains(new SafeMode(Instant.EPOCH, "by [2J hand"));
    }
}
