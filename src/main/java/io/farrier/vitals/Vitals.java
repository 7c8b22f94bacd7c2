package io.farrier.vitals;

import io.farrier.sample.NodeSample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The node's own vitals. Processor, memory and load are five small files of /proc (0.1 ms a sample); only the file
 * systems need native code, and only when they are first asked for.
 */
public final class Vitals {
    private static final long KIB = 1024;

    private final Path proc;
    private final Supplier<List<NodeSample.Disk>> disks;
    private Ticks before = new Ticks(0, 0);

    /** Jiffies since boot, of all processors together. */
    private record Ticks(long busy, long all) {
        double percentSince(Ticks earlier) {
            long passed = all - earlier.all;
            return passed <= 0 ? 0 : 100.0 * (busy - earlier.busy) / passed;
        }
    }

    /**
     * @param proc {@code /proc} except in tests
     * @param disks what {@link Disks} reads, or a fixture
     */
    public Vitals(Path proc, Supplier<List<NodeSample.Disk>> disks) {
        this.proc = proc;
        this.disks = disks;
    }

    /** The first sample's processor share is that since boot. */
    public synchronized NodeSample sample() throws IOException {
        List<String> stat = Files.readAllLines(proc.resolve("stat"));
        Ticks now = ticks(stat);
        double percent = now.percentSince(before);
        before = now;
        String[] load = words("loadavg");
        Map<String, Long> memory = memory();
        return new NodeSample(
                (int) stat.stream().filter(line -> line.matches("cpu\\d.*")).count(),
                percent,
                Double.parseDouble(load[0]),
                Double.parseDouble(load[1]),
                Double.parseDouble(load[2]),
                memory.getOrDefault("MemTotal", 0L),
                memory.getOrDefault("MemAvailable", memory.getOrDefault("MemFree", 0L)),
                memory.getOrDefault("SwapTotal", 0L),
                memory.getOrDefault("SwapTotal", 0L) - memory.getOrDefault("SwapFree", 0L),
                (long) Double.parseDouble(words("uptime")[0]),
                disks.get());
    }

    /**
     * {@code cpu user nice system idle iowait irq softirq steal guest guest_nice}: guests are counted in user and nice
     * already, and waiting for a disk is not being busy (proc(5)).
     */
    private static Ticks ticks(List<String> stat) throws IOException {
        String[] total = stat.isEmpty() ? new String[0] : stat.get(0).trim().split("\\s+");
        if (total.length < 9 || !total[0].equals("cpu")) {
            throw new IOException("Tried to read the processors' time but /proc/stat does not begin with it.");
        }
        long all = 0;
        for (int i = 1; i <= 8; i++) {
            all += Long.parseLong(total[i]);
        }
        long idle = Long.parseLong(total[4]) + Long.parseLong(total[5]);
        return new Ticks(all - idle, all);
    }

    private String[] words(String file) throws IOException {
        return Files.readString(proc.resolve(file)).trim().split("\\s+");
    }

    /** {@code MemTotal:  8000000 kB}, in bytes. */
    private Map<String, Long> memory() throws IOException {
        Map<String, Long> memory = new HashMap<>();
        for (String line : Files.readAllLines(proc.resolve("meminfo"))) {
            String[] words = line.split("[:\\s]+");
            if (words.length >= 2) {
                memory.put(words[0], Long.parseLong(words[1]) * KIB);
            }
        }
        return memory;
    }
}
