package io.farrier.vitals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/** What this process costs the node: two small files of /proc. */
public final class OwnCost {
    /** USER_HZ of every Linux that a JVM runs on; see sysconf(_SC_CLK_TCK). */
    private static final double TICKS_PER_SECOND = 100;

    private static final double NANOS_PER_SECOND = 1e9;
    private static final long KIB = 1024;

    /** utime and stime in /proc/PID/stat, counted from the state, which stands behind the name (proc(5)). */
    private static final int UTIME = 11;

    private final Path proc;
    private final LongSupplier nanos;
    private long ticksBefore;
    private long nanosBefore;

    /**
     * @param cpuPercent of one core, since the sample before
     * @param residentBytes of memory that is this process' alone or shared
     */
    public record Sample(double cpuPercent, long residentBytes) {}

    /** @param proc {@code /proc/self} except in tests */
    public OwnCost(Path proc, LongSupplier nanos) throws IOException {
        this.proc = proc;
        this.nanos = nanos;
        this.ticksBefore = ticks();
        this.nanosBefore = nanos.getAsLong();
    }

    public Sample sample() throws IOException {
        long ticks = ticks();
        long now = nanos.getAsLong();
        double seconds = (now - nanosBefore) / NANOS_PER_SECOND;
        double percent = seconds <= 0 ? 0 : 100 * (ticks - ticksBefore) / TICKS_PER_SECOND / seconds;
        ticksBefore = ticks;
        nanosBefore = now;
        return new Sample(percent, residentBytes());
    }

    private long ticks() throws IOException {
        String stat = Files.readString(proc.resolve("stat"));
        String[] words = stat.substring(stat.lastIndexOf(')') + 1).trim().split(" ");
        return Long.parseLong(words[UTIME]) + Long.parseLong(words[UTIME + 1]);
    }

    private long residentBytes() throws IOException {
        for (String line : Files.readAllLines(proc.resolve("status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D+", "")) * KIB;
            }
        }
        throw new IOException("Tried to read how much memory farrier has, but " + proc + "/status does not say.");
    }
}
