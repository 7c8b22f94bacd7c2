package io.farrier.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** CPU and memory of another process, from {@code /proc}. */
final class ProcessMeter {
    /** USER_HZ, which is 100 on every Linux that Java runs on. */
    private static final double TICKS_PER_SECOND = 100;

    private static final int FIELDS_BEFORE_UTIME = 11;

    private final long pid;
    private volatile long peakPssKb;

    ProcessMeter(long pid) {
        this.pid = pid;
    }

    double cpuSeconds() throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[FIELDS_BEFORE_UTIME]) + Long.parseLong(fields[FIELDS_BEFORE_UTIME + 1]))
                / TICKS_PER_SECOND;
    }

    void samplePss() throws IOException {
        peakPssKb = Math.max(peakPssKb, kb("smaps_rollup", "Pss:"));
    }

    double peakPssMb() {
        return peakPssKb * 1024 / 1e6;
    }

    double peakRssMb() throws IOException {
        return kb("status", "VmHWM:") * 1024 / 1e6;
    }

    /** Percent of a core. */
    double cpuPercent(int seconds) throws IOException, InterruptedException {
        double before = cpuSeconds();
        long begin = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        return 100 * (cpuSeconds() - before) * 1e9 / (System.nanoTime() - begin);
    }

    private long kb(String file, String field) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), file)).stream()
                .filter(line -> line.startsWith(field))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .sum();
    }
}
