package io.farrier.agent;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.agent.LogFiles.Form;
import io.farrier.feed.Encoding;
import io.farrier.feed.Zstandard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * {@code packaging/bench.sh logs}: what it costs to ship log files, and how long a line takes, beside rsyslog and Fluent
 * Bit on the same files in the same run. CPU is that of the shipper alone; the agent's from the moment the files are
 * there, because it runs before them and after; that of the others for their whole life, which for them is the same.
 */
final class LogsBench {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final int MANY = 100;

    /** Whose CPU is 1. */
    private static final String REFERENCE = "rsyslog";

    private static final int LATENCY_LINES = 500;
    private static final int IDLE_SECONDS = 20;
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final Path folder;
    private final Path options;
    private final long bytes;
    private final int rounds;
    private final List<String> only;
    private final Map<String, Maker> shippers = new LinkedHashMap<>();
    private final ObjectNode json = new ObjectMapper().createObjectNode();
    private final Random random = new Random(11);
    private int runs;

    private interface Maker {
        Shipper make() throws Exception;
    }

    private LogsBench(Path folder, Path options, long bytes, int rounds, List<String> only) {
        this.folder = folder;
        this.options = options;
        this.bytes = bytes;
        this.rounds = rounds;
        this.only = only;
    }

    /** Arguments: folder, file with the agent's JVM options, megabytes, rounds, names of cases (none: all). */
    public static void main(String[] arguments) throws Exception {
        new LogsBench(
                        Path.of(arguments[0]),
                        Path.of(arguments[1]),
                        Long.parseLong(arguments[2]) * 1_000_000,
                        Integer.parseInt(arguments[3]),
                        Arrays.asList(arguments).subList(4, arguments.length))
                .run();
        System.exit(0);
    }

    private void run() throws Exception {
        if (!Zstandard.load(folder.resolve("native"))) {
            throw new IllegalStateException("zstd's library does not load from " + folder);
        }
        shippers.put("farrier", () -> new Shipper.Farrier(Optional.empty(), options));
        shippers.put("farrier zstd", () -> new Shipper.Farrier(Encoding.find("zstd"), options));
        Shipper.onPath("rsyslogd").ifPresent(binary -> shippers.put(REFERENCE, () -> new Shipper.Rsyslog(binary)));
        Shipper.onPath("fluent-bit")
                .ifPresent(binary -> shippers.put("fluent-bit", () -> new Shipper.FluentBit(binary)));
        json.put("megabytes", bytes / 1_000_000).put("rounds", rounds).put("load", load());
        System.out.printf(
                "load %s, %d MB a case, %d rounds, beside: %s%n", load(), bytes / 1_000_000, rounds, shippers.keySet());
        if (wants("bulk")) {
            bulk();
        }
        if (wants("latency")) {
            latency();
        }
        if (wants("idle")) {
            idle();
        }
        json.put("loadAtEnd", load());
        Files.writeString(folder.resolve("logs.json"), json.toPrettyString() + "\n");
        System.out.println("load " + load() + "; written to " + folder.resolve("logs.json"));
    }

    private boolean wants(String part) {
        return only.isEmpty() || only.contains(part);
    }

    // ---- all of it
    // -----------------------------------------------------------------------------------------------------

    private record Cost(double cpuPerGb, double mbPerSecond, double pssMb, double rssMb, double wirePerByte) {}

    private void bulk() throws Exception {
        System.out.printf(
                Locale.ROOT,
                "%-12s %-14s %12s %10s %9s %9s %8s %8s%n",
                "files",
                "shipper",
                "CPU-s/GB",
                "MB/s",
                "PSS MB",
                "RSS MB",
                "wire",
                "ratio");
        for (Form form : Form.values()) {
            for (int count : new int[] {1, MANY}) {
                bulk(form, count);
            }
        }
    }

    private void bulk(Form form, int count) throws Exception {
        Path pool = Files.createDirectories(folder.resolve("pool"));
        LogFiles files = LogFiles.write(pool, folder.resolve("node"), form, count, bytes);
        Map<String, List<Cost>> costs = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Map.Entry<String, Maker> shipper : shippers.entrySet()) {
                costs.computeIfAbsent(shipper.getKey(), name -> new ArrayList<>())
                        .add(ship(shipper.getValue(), files));
            }
        }
        Optional<Double> reference = Optional.ofNullable(costs.get(REFERENCE)).map(all -> median(all).cpuPerGb);
        costs.forEach((name, all) -> show(form.name().toLowerCase(Locale.ROOT) + " x " + count, name, all, reference));
        delete(pool);
    }

    private Cost ship(Maker maker, LogFiles files) throws Exception {
        Path work = freshWork(files);
        try (Shipper shipper = maker.make()) {
            boolean isOurs = shipper instanceof Shipper.Farrier;
            if (!isOurs) {
                files.appear();
            }
            AtomicLong lastAt = new AtomicLong(System.nanoTime());
            shipper.onArrival(arrived -> lastAt.set(System.nanoTime()));
            long begin = System.nanoTime();
            shipper.start(work, files);
            ProcessMeter meter = new ProcessMeter(shipper.pid());
            double before = 0;
            if (isOurs) {
                before = meter.cpuSeconds();
                begin = System.nanoTime();
                files.appear();
            }
            Shipper.await("all bytes of " + work, PATIENCE, () -> hasAll(shipper, files, meter, lastAt.get()));
            double cpu = meter.cpuSeconds() - before;
            double seconds = (lastAt.get() - begin) / 1e9;
            return new Cost(
                    cpu * 1e9 / files.bytes(),
                    files.bytes() / 1e6 / seconds,
                    meter.peakPssMb(),
                    meter.peakRssMb(),
                    (double) shipper.wire() / files.bytes());
        }
    }

    private static boolean hasAll(Shipper shipper, LogFiles files, ProcessMeter meter, long lastAt) {
        try {
            meter.samplePss();
        } catch (IOException gone) {
            throw new IllegalStateException("the shipper ended", gone);
        }
        if (shipper.isVerbatim()) {
            return shipper.arrived() >= files.bytes();
        }
        return shipper.arrived() > 0 && System.nanoTime() - lastAt > QUIET_NANOS;
    }

    private static Cost median(List<Cost> costs) {
        return costs.stream()
                .sorted(Comparator.comparing(Cost::cpuPerGb))
                .toList()
                .get(costs.size() / 2);
    }

    private void show(String files, String shipper, List<Cost> costs, Optional<Double> reference) {
        List<Cost> sorted =
                costs.stream().sorted(Comparator.comparing(Cost::cpuPerGb)).toList();
        Cost median = median(costs);
        double ratio = reference.map(cpu -> median.cpuPerGb() / cpu).orElse(Double.NaN);
        System.out.printf(
                Locale.ROOT,
                "%-12s %-14s %12.2f %10.0f %9.0f %9.0f %8.2f %8.2f   (%.2f-%.2f)%n",
                files,
                shipper,
                median.cpuPerGb(),
                median.mbPerSecond(),
                median.pssMb(),
                median.rssMb(),
                median.wirePerByte(),
                ratio,
                sorted.get(0).cpuPerGb(),
                sorted.get(sorted.size() - 1).cpuPerGb());
        ArrayNode all = json.withArrayProperty("bulk");
        all.addObject()
                .put("files", files)
                .put("shipper", shipper)
                .put("cpuSecondsPerGb", median.cpuPerGb())
                .put("least", sorted.get(0).cpuPerGb())
                .put("most", sorted.get(sorted.size() - 1).cpuPerGb())
                .put("mbPerSecond", median.mbPerSecond())
                .put("pssMb", median.pssMb())
                .put("rssMb", median.rssMb())
                .put("wirePerByte", median.wirePerByte())
                .put("cpuAgainstRsyslog", ratio);
    }

    // ---- one line
    // ------------------------------------------------------------------------------------------------------

    private void latency() throws Exception {
        System.out.printf("%-14s %10s %10s %10s %8s%n", "one line, ms", "p50", "p99", "max", "CPU %");
        for (Map.Entry<String, Maker> shipper : shippers.entrySet()) {
            if (!shipper.getKey().equals("fluent-bit")) {
                latency(shipper.getKey(), shipper.getValue());
            }
        }
    }

    private record Line(long end, long writtenAt) {}

    private void latency(String name, Maker maker) throws Exception {
        Path pool = Files.createDirectories(folder.resolve("pool"));
        LogFiles files = LogFiles.write(pool, folder.resolve("node"), Form.DOCKER, 1, 1);
        Path work = freshWork(files);
        ConcurrentLinkedQueue<Line> open = new ConcurrentLinkedQueue<>();
        List<Double> millis = java.util.Collections.synchronizedList(new ArrayList<>());
        try (Shipper shipper = maker.make()) {
            files.appear();
            shipper.onArrival(to -> {
                long now = System.nanoTime();
                for (Line line = open.peek(); line != null && line.end() <= to; line = open.peek()) {
                    millis.add((now - line.writtenAt()) / 1e6);
                    open.poll();
                }
            });
            shipper.start(work, files);
            Shipper.await("the first lines", PATIENCE, () -> shipper.arrived() >= files.bytes());
            ProcessMeter meter = new ProcessMeter(shipper.pid());
            double cpu = meter.cpuSeconds();
            long begin = System.nanoTime();
            append(files, open);
            double percent = 100 * (meter.cpuSeconds() - cpu) * 1e9 / (System.nanoTime() - begin);
            Shipper.await("the last line", PATIENCE, open::isEmpty);
            showLatency(name, millis.stream().sorted().toList(), percent);
        }
        delete(pool);
    }

    /** At random moments, about 33 a second. */
    private void append(LogFiles files, ConcurrentLinkedQueue<Line> open) throws Exception {
        io.farrier.testing.KubeLines lines = new io.farrier.testing.KubeLines(5);
        long end = files.bytes();
        try (var out = java.nio.channels.FileChannel.open(files.names().get(0), StandardOpenOption.APPEND)) {
            for (int i = 0; i < LATENCY_LINES; i++) {
                TimeUnit.MICROSECONDS.sleep(10_000 + random.nextInt(40_000));
                byte[] line = lines.next(1, "");
                end += line.length;
                open.add(new Line(end, System.nanoTime()));
                out.write(java.nio.ByteBuffer.wrap(line));
            }
        }
    }

    private void showLatency(String name, List<Double> sorted, double percent) {
        double p50 = sorted.get(sorted.size() / 2);
        double p99 = sorted.get(sorted.size() * 99 / 100);
        double max = sorted.get(sorted.size() - 1);
        System.out.printf(Locale.ROOT, "%-14s %10.2f %10.2f %10.2f %8.2f%n", name, p50, p99, max, percent);
        json.withArrayProperty("latency")
                .addObject()
                .put("shipper", name)
                .put("p50Ms", p50)
                .put("p99Ms", p99)
                .put("maxMs", max)
                .put("cpuPercent", percent);
    }

    // ---- nothing at all
    // ------------------------------------------------------------------------------------------------

    private void idle() throws Exception {
        System.out.printf("%-14s %10s %10s%n", MANY + " quiet files", "CPU %", "PSS MB");
        for (Map.Entry<String, Maker> each : shippers.entrySet()) {
            if (each.getKey().equals("farrier zstd")) {
                continue;
            }
            Path pool = Files.createDirectories(folder.resolve("pool"));
            LogFiles files = LogFiles.write(pool, folder.resolve("node"), Form.DOCKER, MANY, MANY);
            Path work = freshWork(files);
            try (Shipper shipper = each.getValue().make()) {
                files.appear();
                shipper.start(work, files);
                TimeUnit.SECONDS.sleep(IDLE_SECONDS / 2);
                ProcessMeter meter = new ProcessMeter(shipper.pid());
                double percent = meter.cpuPercent(IDLE_SECONDS);
                meter.samplePss();
                System.out.printf(Locale.ROOT, "%-14s %10.2f %10.0f%n", each.getKey(), percent, meter.peakPssMb());
                json.withArrayProperty("idle")
                        .addObject()
                        .put("shipper", each.getKey())
                        .put("files", MANY)
                        .put("cpuPercent", percent)
                        .put("pssMb", meter.peakPssMb());
            }
            delete(pool);
        }
    }

    // ---- around it
    // -----------------------------------------------------------------------------------------------------

    /** This JVM's classes in another one, with the options of a file. */
    static Process java(Path options, Path output, Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
        command.add("@" + options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    private Path freshWork(LogFiles files) throws IOException {
        delete(folder.resolve("node"));
        files.makeFolders();
        Path work = folder.resolve("work");
        delete(work);
        return Files.createDirectories(work.resolve("run" + runs++));
    }

    private static void delete(Path tree) throws IOException {
        if (Files.exists(tree)) {
            try (Stream<Path> all = Files.walk(tree)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private static String load() throws IOException {
        return Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
    }
}
