package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogFamilyTest {
    private static final String LINE = "2026-11-29T12:00:00.1Z stdout F a line\n";

    @TempDir
    Path folder;

    /** What we remove ourselves, the collector has. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ofALiveFileThatGoesBeforeItIsOpenedMayBeLostUnlessItWasOurs(boolean areOurs) throws IOException {
        Path log = Files.writeString(folder.resolve("a.log"), LINE);
        Files.writeString(folder.resolve("a.log.1"), LINE);
        AtomicInteger opened = new AtomicInteger();
        LogFamily family = new LogFamily(
                LogOrigin.ofUnit("a.service", log),
                Set.of(),
                new LogFamily.Opening(
                        () -> opened.incrementAndGet() == 2 && remove(log),
                        Long.MAX_VALUE,
                        areOurs,
                        new GzipBytes.Inflaters(),
                        List::of));
        family.setListed(true);

        family.look(0, any -> {});
        FileSource source = family.sources().get(0);
        source.look(0);
        family.look(1, any -> {});
        family.look(Duration.ofSeconds(5).toNanos(), any -> {});

        assertThat(source.hasLossesToTell()).isEqualTo(!areOurs);
        source.file().orElseThrow().close();
    }

    private static boolean remove(Path log) {
        try {
            Files.delete(log);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return false;
    }
}
