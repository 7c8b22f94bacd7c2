package io.farrier.vitals;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OwnCostTest {
    @TempDir
    Path proc;

    private long now;

    @Test
    void isTheShareOfOneCoreSinceTheLookBefore() throws IOException {
        stat(100, 50);
        OwnCost cost = new OwnCost(proc, () -> now);
        now += Duration.ofSeconds(10).toNanos();
        stat(200, 100);
        assertThat(cost.sample()).isEqualTo(new OwnCost.Sample(15, 104_857_600));
        now += Duration.ofSeconds(10).toNanos();
        assertThat(cost.sample().cpuPercent()).isZero();
    }

    @Test
    void readsWhatTheKernelSaysOfThisVeryProcess() throws IOException {
        OwnCost cost = new OwnCost(Path.of("/proc/self"), System::nanoTime);
        long end = System.nanoTime() + Duration.ofMillis(200).toNanos();
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        OwnCost.Sample sample = cost.sample();
        assertThat(sample.cpuPercent()).isPositive();
        assertThat(sample.residentBytes()).isGreaterThan(10L << 20);
    }

    /** The name may hold anything. */
    private void stat(long user, long system) throws IOException {
        Files.writeString(
                proc.resolve("stat"),
                "7 (a) R 1 (b) S 1 7 7 0 -1 4194560 1 0 0 0 " + user + " " + system + " 0 0 20 0 30 0 100 1 1\n");
        Files.writeString(proc.resolve("status"), "Name:\ta\nVmHWM:\t  999999 kB\nVmRSS:\t  102400 kB\nThreads:\t30\n");
    }
}
