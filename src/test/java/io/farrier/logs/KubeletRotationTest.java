package io.farrier.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.sample.ContainerSample;
import io.farrier.testing.MemoryCollector;
import io.farrier.testing.RunningContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rename with its time, then compress the one before (kubernetes: pkg/kubelet/logs/container_log_manager.go). */
class KubeletRotationTest {
    private static final int LINES = 1000;

    @TempDir
    Path folder;

    @Test
    void aFileThatIsCompressedWhileItIsHalfReadLosesAndDoublesNoLine() throws IOException {
        MemoryCollector collector = new MemoryCollector();
        collector.credit(4 << 10);
        Path log = folder.resolve("pods/kube-system_p_u/c/0.log");
        Files.createDirectories(log.getParent());
        List<String> written = write(log, 0);
        long[] now = {0};
        try (Tail tail = new Tail(
                WantedLogs.ofContainers(1L << 40),
                List.of(),
                () -> Set.of(),
                () -> true,
                collector,
                () -> now[0],
                Clock.systemUTC(),
                Optional.empty())) {
            tail.containers(List.of(container(log)));
            tail.turn();
            assertThat(collector.lines()).isNotEmpty().hasSizeLessThan(LINES);

            Path rotated = log.resolveSibling("0.log.20261120-150405");
            Files.move(log, rotated);
            written.addAll(write(log, LINES));
            tail.turn();
            compress(rotated);

            collector.credit(1L << 40);
            for (int i = 0; i < 5; i++) {
                tail.turn();
                collector.ack(Integer.MAX_VALUE, tail::ack);
            }
        }

        assertThat(collector.lines()).containsExactlyInAnyOrderElementsOf(written);
        assertThat(collector.lost()).isEmpty();
    }

    @Test
    void whatIsHeldAndWasCompressedWhileTheAgentWasDownIsShippedOnce() throws IOException {
        MemoryCollector collector = new MemoryCollector();
        Path log = folder.resolve("log/pods/kube-system_p_u/c/0.log");
        Files.createDirectories(log.getParent());
        List<String> written = write(log, 0);
        List<Checkpoint.Entry> known;
        try (Tail killed = tail(collector, List.of())) {
            killed.containers(List.of(container(log)));
            known = killed.checkpoint().orElseThrow().entries();
        }
        assertThat(folder.resolve("log/farrier-held")).isNotEmptyDirectory();

        Path rotated = log.resolveSibling("0.log.20261120-150405");
        Files.move(log, rotated);
        compress(rotated);
        written.addAll(write(log, LINES));
        try (Tail tail = tail(collector, known)) {
            tail.containers(List.of(container(log)));
            for (int i = 0; i < 5; i++) {
                tail.turn();
                collector.ack(Integer.MAX_VALUE, tail::ack);
            }
        }

        assertThat(collector.opened()).hasSize(2);
        assertThat(collector.lines()).containsExactlyInAnyOrderElementsOf(written);
        assertThat(collector.lost()).isEmpty();
    }

    private Tail tail(MemoryCollector collector, List<Checkpoint.Entry> known) throws IOException {
        return new Tail(
                WantedLogs.ofContainers(1L << 40),
                known,
                () -> Set.of(folder.resolve("log")),
                () -> true,
                collector,
                System::nanoTime,
                Clock.systemUTC(),
                Optional.empty());
    }

    private static List<String> write(Path log, int first) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < LINES; i++) {
            lines.add("2026-11-20T12:00:00.123456789+01:00 stdout F line " + (first + i));
        }
        Files.writeString(log, String.join("\n", lines) + "\n", UTF_8);
        return lines;
    }

    private static void compress(Path plain) throws IOException {
        Path temporary = plain.resolveSibling(plain.getFileName() + ".tmp");
        try (GZIPOutputStream gzip = new GZIPOutputStream(Files.newOutputStream(temporary))) {
            Files.copy(plain, gzip);
        }
        Files.move(temporary, plain.resolveSibling(plain.getFileName() + ".gz"));
        Files.delete(plain);
    }

    private static ContainerSample container(Path log) {
        return RunningContainer.of("id", "c", "i", "kube-system/p", null, log.toString());
    }
}
