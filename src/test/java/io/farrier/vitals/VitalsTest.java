package io.farrier.vitals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.farrier.sample.NodeSample;
import io.farrier.sample.NodeSample.Disk;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class VitalsTest {
    private static final Disk ROOT = new Disk("/", 1000, 400, 100, 90);

    @TempDir
    private Path proc;

    @BeforeEach
    void writeProc() throws IOException {
        stat("cpu  100 0 100 700 100 0 0 0 0 0");
        Files.writeString(proc.resolve("loadavg"), "0.52 1.25 2.00 3/420 12345\n");
        Files.writeString(proc.resolve("uptime"), "86400.17 150000.00\n");
        Files.writeString(proc.resolve("meminfo"), """
                MemTotal:        8000000 kB
                MemFree:          500000 kB
                MemAvailable:    6000000 kB
                SwapTotal:       2000000 kB
                SwapFree:        1500000 kB
                HugePages_Total:       0
                """);
    }

    private void stat(String total) throws IOException {
        Files.writeString(
                proc.resolve("stat"),
                total + "\ncpu0 50 0 50 350 50 0 0 0 0 0\ncpu1 50 0 50 350 50 0 0 0 0 0\nintr 1\n");
    }

    @Test
    void readsLoadMemorySwapAndUptime() throws IOException {
        NodeSample sample = new Vitals(proc, () -> List.of(ROOT)).sample();

        assertThat(sample.cores()).isEqualTo(2);
        assertThat(sample.load1()).isEqualTo(0.52);
        assertThat(sample.load15()).isEqualTo(2.0);
        assertThat(sample.memoryTotalBytes()).isEqualTo(8_000_000L * 1024);
        assertThat(sample.memoryAvailableBytes()).isEqualTo(6_000_000L * 1024);
        assertThat(sample.swapUsedBytes()).isEqualTo(500_000L * 1024);
        assertThat(sample.uptimeSeconds()).isEqualTo(86400);
        assertThat(sample.disks()).containsExactly(ROOT);
    }

    @Test
    void givesTheProcessorsShareSinceTheSampleBefore() throws IOException {
        Vitals vitals = new Vitals(proc, List::of);
        assertThat(vitals.sample().cpuPercent()).as("since boot").isCloseTo(20, within(0.01));

        stat("cpu  150 0 125 750 175 0 0 0 0 0"); // 75 of 200 jiffies busy, 75 waiting for a disk

        assertThat(vitals.sample().cpuPercent()).isCloseTo(37.5, within(0.01));
    }

    @Test
    void saysWhatIsWrongWithAStatItCannotRead() throws IOException {
        Files.writeString(proc.resolve("stat"), "nonsense\n");

        assertThatThrownBy(() -> new Vitals(proc, List::of).sample())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/proc/stat");
    }

    @Test
    void readsThisMachine() throws IOException {
        NodeSample sample =
                new Vitals(Path.of("/proc"), new Disks(() -> List.of(Path.of("/"), Path.of("/proc/1")))).sample();

        assertThat(sample.memoryTotalBytes()).isPositive();
        assertThat(sample.disks()).extracting(Disk::mount).containsExactly("/", "/proc");
        assertThat(sample.disks()).anySatisfy(disk -> {
            assertThat(disk.mount()).isEqualTo("/");
            assertThat(disk.totalBytes()).isEqualTo(new File("/").getTotalSpace());
            assertThat(disk.totalBytes()).isGreaterThanOrEqualTo(disk.freeBytes());
            assertThat(disk.inodesTotal()).isPositive();
        });
    }
}
