package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderWatchTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private final AtomicInteger woken = new AtomicInteger();
    private FolderWatch watch;

    @BeforeEach
    void open() {
        watch = FolderWatch.open(woken::incrementAndGet).orElseThrow();
    }

    @AfterEach
    void close() throws IOException {
        watch.close();
    }

    @Test
    void tellsOfALineThatIsWrittenOnceUntilItIsAskedAgain() throws IOException {
        Path file = Files.createFile(folder.resolve("a.log"));
        assertThat(watch.watch(folder)).isTrue();

        append(file);
        awaitStirred(Set.of(folder));
        append(file);
        append(file);

        assertThat(watch.watch(folder)).isTrue();
        append(file);
        awaitStirred(Set.of(folder));
        assertThat(woken.get()).as("not for each write").isEqualTo(2);
    }

    @Test
    void tellsOfARotationAndOfARemovedFolder() throws IOException {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        Path file = Files.createFile(inner.resolve("a.log"));
        watch.watch(inner);

        Files.move(file, inner.resolve("a.log.1"));
        awaitStirred(Set.of(inner));
        watch.watch(inner);
        Files.delete(inner.resolve("a.log.1"));
        Files.delete(inner);

        awaitStirred(Set.of(inner));
        assertThat(watch.watch(inner)).as("there is nothing to watch").isFalse();
    }

    private static void append(Path file) throws IOException {
        Files.writeString(file, "line\n", StandardOpenOption.APPEND);
    }

    private void awaitStirred(Set<Path> wanted) {
        Set<Path> seen = new HashSet<>();
        await().atMost(PATIENCE).untilAsserted(() -> {
            seen.addAll(watch.takeStirred());
            assertThat(seen).isEqualTo(wanted);
        });
    }
}
