package io.farrier.collector.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import io.farrier.collector.identity.NodeName;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.Frame.LogBatch;
import io.farrier.feed.Frame.SourceOpened;
import io.farrier.feed.SourceId;
import io.farrier.segment.Segment;
import io.farrier.testing.KubeLines;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/**
 * {@code packaging/bench.sh store}: what a stored line costs, and how long a search takes, beside rows in SQLite (the
 * store before this one). CPU is that of the whole process (JIT and garbage collection included) without the thread that
 * makes the lines.
 */
final class StoreBench {
    private static final int NODES = 20;
    private static final int CONTAINERS = 50;
    private static final int UNDER_WAY = 64;
    private static final int RARE = 20;
    private static final int POOL_LINES = 300_000;
    private static final int SQLITE_SHARE = 10;
    private static final int QUERIES = 41;

    private final Path folder;
    private final long lines;
    private final int batchLines;
    private final ObjectNode json = new ObjectMapper().createObjectNode();
    private final Random random = new Random(7);
    private byte[][] pool = {};

    private StoreBench(Path folder, long lines, int batchLines) {
        this.folder = folder;
        this.lines = lines;
        this.batchLines = batchLines;
    }

    /** Arguments: folder, lines, lines in a batch. */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        StoreBench bench = new StoreBench(folder, Long.parseLong(arguments[1]), Integer.parseInt(arguments[2]));
        bench.run();
    }

    private void run() throws Exception {
        json.put("lines", lines)
                .put("batchLines", batchLines)
                .put("java", Runtime.version().toString());
        json.put("nodes", NODES).put("containers", NODES * CONTAINERS);
        store();
        reopenAndSearch();
        sqlite();
        Files.writeString(folder.resolve("store.json"), json.toPrettyString() + "\n");
        System.out.println("written to " + folder.resolve("store.json"));
    }

    private void store() throws Exception {
        try (LineStore store = SegmentLineStore.open(folder.resolve("lines"))) {
            for (int source = 0; source < NODES * CONTAINERS; source++) {
                store.open(
                                node(source),
                                new SourceOpened(source(source), Form.DOCKER, container(source), Map.of()),
                                Instant.now())
                        .get();
            }
            pool = pool();
            Meter meter = new Meter();
            long raw = append(store, lines);
            meter.stop("store", lines);
            long used = size(folder.resolve("lines"));
            json.put("rawBytes", raw).put("usedBytes", used);
            show("disk against raw", "%.4f", (double) used / raw);
            show("of it, the journal", "%.4f", (double) size(folder.resolve("lines/journal")) / raw);
            show("of it, text filters", "%.4f", (double) filterBytes() / raw);
        }
    }

    private long filterBytes() throws Exception {
        long[] bytes = {0};
        try (Stream<Path> files = Files.walk(folder.resolve("lines/nodes"));
                Codecs codecs = new Codecs()) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                try (Segment walked = Segment.open(
                        file,
                        (position, head) -> bytes[0] +=
                                position - BlockHead.decode(head, codecs).filterAt())) {
                    assert walked.skippedBytes() == 0;
                }
            }
        }
        return bytes[0];
    }

    private long append(LineStore store, long wanted) throws Exception {
        KubeLines generator = new KubeLines(1);
        Semaphore free = new Semaphore(UNDER_WAY);
        AtomicReference<Throwable> failed = new AtomicReference<>();
        long[] offsets = new long[NODES * CONTAINERS];
        long batches = wanted / batchLines;
        for (long batch = 0; batch < batches; batch++) {
            int source = random.nextInt(offsets.length);
            String marker = marker(batch, batches);
            byte[] body = marker.isEmpty() ? pool[random.nextInt(pool.length)] : generator.next(batchLines, marker);
            LogBatch log = new LogBatch(
                    source(source), offsets[source], offsets[source] + body.length, batchLines, ByteBuffer.wrap(body));
            offsets[source] += body.length;
            free.acquire();
            store.append(node(source), log, Instant.now()).whenComplete((stored, failure) -> {
                if (failure != null) {
                    failed.set(failure);
                }
                free.release();
            });
        }
        free.acquire(UNDER_WAY);
        if (failed.get() != null) {
            throw new IllegalStateException(failed.get());
        }
        return Arrays.stream(offsets).sum();
    }

    /** Made before the measuring begins: what the generator leaves to the garbage collector is not the store's. */
    private byte[][] pool() {
        KubeLines generator = new KubeLines(2);
        byte[][] pool = new byte[POOL_LINES / batchLines][];
        for (int i = 0; i < pool.length; i++) {
            pool[i] = generator.next(batchLines, "");
        }
        return pool;
    }

    /** {@value #RARE} strings, each in one line, spread over the whole. */
    private static String marker(long batch, long batches) {
        long every = Math.max(1, batches / RARE);
        return batch % every == every / 2 && batch / every < RARE ? rare((int) (batch / every)) : "";
    }

    private static String rare(int number) {
        return String.format("req-%08x", 0x9E3779B9 * (number + 1));
    }

    private void reopenAndSearch() throws Exception {
        long begin = System.nanoTime();
        try (LineStore store = SegmentLineStore.open(folder.resolve("lines"))) {
            show("start-up ms", "%.0f", (System.nanoTime() - begin) / 1e6);
            List<LineQuery> ofContainer = new ArrayList<>();
            List<LineQuery> ofNodeAndContainer = new ArrayList<>();
            List<LineQuery> rareOnes = new ArrayList<>();
            List<LineQuery> common = new ArrayList<>();
            for (int i = 0; i < QUERIES; i++) {
                int source = random.nextInt(NODES * CONTAINERS);
                ofContainer.add(LineQuery.newest(200).inContainer(container(source)));
                ofNodeAndContainer.add(LineQuery.newest(200).of(node(source)).inContainer(container(source)));
                rareOnes.add(LineQuery.newest(200).containing(rare(i % RARE)));
                common.add(LineQuery.newest(200).containing("CrashLoopBackOff"));
            }
            time(store, "last 200 lines of a container ms", ofContainer, 200);
            time(store, "last 200 lines of a container of a node ms", ofNodeAndContainer, 200);
            time(store, "a string that occurs once ms", rareOnes, 1);
            time(store, "a common string, its last 200 ms", common, 200);
            time(
                    store,
                    "a string that occurs never ms",
                    List.of(LineQuery.newest(200).containing("nowhere-7d3f")),
                    0);
        }
    }

    private void time(LineStore store, String what, List<LineQuery> queries, int expected) throws Exception {
        double[] millis = new double[queries.size()];
        for (int i = 0; i < millis.length; i++) {
            long begin = System.nanoTime();
            FoundLines found = store.search(queries.get(i));
            millis[i] = (System.nanoTime() - begin) / 1e6;
            if (!found.complete() || found.lines().size() != expected) {
                throw new IllegalStateException(what + ": " + found.lines().size() + " lines, complete "
                        + found.complete() + ", for " + queries.get(i));
            }
        }
        double first = millis[0];
        Arrays.sort(millis);
        show(what + ", first", "%.1f", first);
        show(what + ", median", "%.1f", millis[millis.length / 2]);
        show(what + ", worst", "%.1f", millis[millis.length - 1]);
    }

    /** As the store before this one wrote them: a row a line, an index on (source, id), a commit a group of batches. */
    private void sqlite() throws Exception {
        long wanted = lines / SQLITE_SHARE;
        Database database = Database.open(
                folder.resolve("rows.db"),
                List.of(
                        "CREATE TABLE line (id INTEGER PRIMARY KEY AUTOINCREMENT, source INTEGER NOT NULL,"
                                + " start INTEGER NOT NULL, received INTEGER NOT NULL, raw BLOB NOT NULL)",
                        "CREATE INDEX line_of_source ON line (source, id)"));
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            Meter meter = new Meter();
            long raw = 0;
            BlockingQueue<byte[]> batches = new ArrayBlockingQueue<>(UNDER_WAY);
            Thread rowWriter = new Thread(() -> writeRows(connection, batches, wanted / batchLines));
            rowWriter.start();
            for (long batch = 0; batch < wanted / batchLines; batch++) {
                byte[] body = pool[random.nextInt(pool.length)];
                raw += body.length;
                batches.put(body);
            }
            rowWriter.join();
            meter.stop("SQLite rows", wanted);
            show("SQLite rows disk against raw", "%.4f", (double) Files.size(folder.resolve("rows.db")) / raw);
        }
    }

    private void writeRows(Connection connection, BlockingQueue<byte[]> batches, long count) {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO line (source, start, received, raw) VALUES (?, ?, ?, ?)")) {
            for (long batch = 0; batch < count; batch++) {
                byte[] body = batches.take();
                int source = random.nextInt(NODES * CONTAINERS);
                for (int at = 0; at < body.length; ) {
                    int feed = LineFeeds.next(body, at, body.length);
                    insert.setLong(1, source);
                    insert.setLong(2, at);
                    insert.setLong(3, batch);
                    insert.setBytes(4, Arrays.copyOfRange(body, at, feed));
                    insert.addBatch();
                    at = feed + 1;
                }
                insert.executeBatch();
                if (batch % 16 == 0 || batch == count - 1) {
                    connection.commit();
                }
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** CPU of the process without this thread, and the clock on the wall. */
    private final class Meter {
        private final long cpu = others();
        private final long wall = System.nanoTime();

        void stop(String what, long count) {
            double seconds = (others() - cpu) / 1e9;
            double took = (System.nanoTime() - wall) / 1e9;
            show(what + " CPU us per line", "%.2f", seconds * 1e6 / count);
            threads();
            show(what + " CPU seconds", "%.2f", seconds);
            show(what + " lines per second, made beside", "%.0f", count / took);
        }

        private void threads() {
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            for (long id : threads.getAllThreadIds()) {
                if (threads.getThreadInfo(id) != null
                        && List.of("lines", "sources")
                                .contains(threads.getThreadInfo(id).getThreadName())) {
                    show(
                            "  thread " + threads.getThreadInfo(id).getThreadName() + " CPU seconds",
                            "%.2f",
                            threads.getThreadCpuTime(id) / 1e9);
                }
            }
        }

        private long others() {
            OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            return system.getProcessCpuTime()
                    - ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        }
    }

    private void show(String what, String format, double value) {
        json.put(what, value);
        System.out.printf(Locale.ROOT, "%-52s %12s%n", what, String.format(Locale.ROOT, format, value));
    }

    private static long size(Path folder) throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().contains("native"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    private static NodeName node(int source) {
        return new NodeName("worker-" + source / CONTAINERS);
    }

    private static SourceId source(int source) {
        return new SourceId(String.format("%016x-%016x", source * 0x9E3779B97F4A7C15L, source * 0xC2B2AE3D27D4EB4FL));
    }

    private static String container(int source) {
        return "k8s_app-" + source + "_pod-" + source % CONTAINERS;
    }
}
