package io.farrier.collector.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.collector.identity.NodeName;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.Frame.SourceOpened;
import io.farrier.feed.SourceId;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Seeded runs: batches that overlap, a clock that jumps by years, restarts, and bytes of any file of the store flipped
 * or cut off. {@code packaging/bench.sh store-faults} runs 1,000; the seed of a failing run is its parameter.
 */
final class StoreFaultsTest {
    private static final int STEPS = 80;
    private static final int NODES = 3;
    private static final int SOURCES = 3;
    private static final int LINES = 400;

    /** Blocks and files so small that each run makes dozens of both. */
    private static final StoreLimits SMALL =
            new StoreLimits(1 << 10, 4 << 10, 64 << 10, 8 << 10, 4 << 10, Duration.ofHours(24));

    /** A block of {@link #SMALL}, or a record of the journal, holds at most this: a batch more than its size. */
    private static final int LINES_OF_A_BLOCK = 80;

    private static final int LINES_OF_A_BATCH = 30;

    /** In memory: thousands of fsyncs prove nothing here, and a shared disk takes minutes for them. */
    @TempDir(factory = InMemory.class)
    Path folder;

    private LineStore store;
    private Random random;
    private Instant now = Instant.parse("2026-11-20T10:00:00Z");
    private final List<LogFile> files = new ArrayList<>();

    /** Lines lost to damage; what the store then says it holds, it will not take again. */
    private final Set<String> damaged = new HashSet<>();

    static LongStream seeds() {
        return LongStream.rangeClosed(1, Long.getLong("farrier.store.seeds", 20));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatWasAcknowledgedIsThereOnceAndDamageCostsItsOwnBlock(long seed) throws Exception {
        random = new Random(seed);
        for (int i = 0; i < NODES * SOURCES; i++) {
            files.add(new LogFile(i, random));
        }
        open();
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(12)) {
                case 0 -> restart();
                case 1 -> now = now.plus(Duration.ofDays(random.nextInt(8_000) - 4_000));
                case 2 -> damage();
                default -> appendSome();
            }
        }
        for (LogFile file : files) {
            append(file, 0, LINES, LINES);
        }
        restart();
        restart();

        Set<String> found = found();
        assertThat(difference(expected(file -> LINES), found))
                .as("lost, and not to damage")
                .isEmpty();
        // Later damage to its neighbour may uncover that a block is torn; then its lines were taken again.
        found.removeAll(damaged);
        assertThat(difference(found, expected(file -> LINES))).as("made up").isEmpty();
        store.close();
    }

    private void open() throws Exception {
        store = SegmentLineStore.open(folder, SMALL);
        for (LogFile file : files) {
            // As an agent does: what follows does not wait for it.
            store.open(file.node, new SourceOpened(file.source, file.form, "c", Map.of()), now);
        }
    }

    private void restart() throws Exception {
        store.close();
        open();
    }

    private void appendSome() throws Exception {
        LogFile file = files.get(random.nextInt(files.size()));
        // Live before backlog leaves a gap; a lost cursor repeats.
        int from = Math.max(0, Math.min(LINES - 1, file.next + random.nextInt(40) - 25));
        append(file, from, Math.min(LINES, from + 1 + random.nextInt(LINES_OF_A_BATCH)));
        assertThat(texts(LineQuery.newest(1).of(file.node))).hasSizeLessThanOrEqualTo(1);
    }

    private void append(LogFile file, int from, int to) throws Exception {
        append(file, from, to, LINES_OF_A_BATCH);
    }

    private void append(LogFile file, int from, int to, int lines) throws Exception {
        for (int at = from; at < to; at += lines) {
            int end = Math.min(to, at + lines);
            store.append(file.node, LineStoreContract.batch(file.source, file.starts[at], file.raw(at, end)), now)
                    .get(30, TimeUnit.SECONDS);
            file.acknowledged(at, end);
        }
    }

    private void damage() throws Exception {
        store.close();
        Set<String> before = expected(file -> -1);
        Path victim = victim();
        long cut = random.nextInt(3) == 0 ? truncate(victim) : flip(victim);
        open();

        Set<String> after = found();
        Set<String> missing = new TreeSet<>(before);
        missing.removeAll(after);
        assertThat(before).as("nothing is made up").containsAll(after);
        if (cut == 0) {
            assertThat(missing).as("a flipped byte of " + victim).hasSizeLessThanOrEqualTo(LINES_OF_A_BLOCK);
        } else {
            assertThat(missing)
                    .as("%d bytes cut off %s", cut, victim)
                    .hasSizeLessThanOrEqualTo(LINES_OF_A_BLOCK + (int) cut * 2);
        }
        damaged.addAll(missing);
        // A block whose head went as well is taken again.
        resend(missing);
    }

    private void resend(Set<String> missing) throws Exception {
        for (LogFile file : files) {
            for (int line = 0; line < LINES; line++) {
                int from = line;
                while (line < LINES && missing.contains(file.text(line))) {
                    line++;
                }
                if (line > from) {
                    append(file, from, line);
                }
            }
        }
        damaged.removeAll(found());
    }

    private Path victim() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> there = all.filter(Files::isRegularFile)
                    .filter(file ->
                            !file.toString().contains("native") && file.toFile().length() > 0)
                    .sorted()
                    .toList();
            return there.get(random.nextInt(there.size()));
        }
    }

    private long flip(Path file) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            long at = (long) (random.nextDouble() * bytes.length());
            bytes.seek(at);
            int was = bytes.read();
            bytes.seek(at);
            bytes.write(was ^ (1 << random.nextInt(8)));
        }
        return 0;
    }

    private long truncate(Path file) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            long length = bytes.length();
            bytes.setLength((long) (random.nextDouble() * length));
            return length - bytes.length();
        }
    }

    private interface Upto {
        int lines(LogFile file);
    }

    /** What must be found: what was acknowledged, or all, without what damage cost. */
    private Set<String> expected(Upto upto) {
        Set<String> wanted = new TreeSet<>();
        for (LogFile file : files) {
            for (int line = 0; line < LINES; line++) {
                if (upto.lines(file) > line || file.acked[line]) {
                    wanted.add(file.text(line));
                }
            }
        }
        wanted.removeAll(damaged);
        return wanted;
    }

    /** All lines, page by page; none twice. */
    private Set<String> found() throws IOException {
        List<String> all = new ArrayList<>();
        Optional<Long> before = Optional.empty();
        while (true) {
            LineQuery query = LineQuery.newest(500);
            List<StoredLine> page =
                    store.search(before.map(query::before).orElse(query)).lines();
            page.forEach(line -> all.add(line.line().text()));
            if (page.isEmpty()) {
                assertThat(all).doesNotHaveDuplicates();
                return new TreeSet<>(all);
            }
            before = Optional.of(page.get(0).id());
        }
    }

    private static Set<String> difference(Set<String> of, Set<String> without) {
        Set<String> difference = new TreeSet<>(of);
        difference.removeAll(without);
        return difference;
    }

    private List<String> texts(LineQuery query) throws IOException {
        return store.search(query).lines().stream()
                .map(line -> line.line().text())
                .toList();
    }

    static final class InMemory implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context) throws IOException {
            Path memory = Path.of("/dev/shm");
            return Files.isWritable(memory)
                    ? Files.createTempDirectory(memory, "farrier")
                    : Files.createTempDirectory("farrier");
        }
    }

    /** One file of a node, each line different from all others. */
    private static final class LogFile {
        final NodeName node;
        final SourceId source;
        final Form form;
        final String[] lines = new String[LINES];
        final String[] texts = new String[LINES];
        final int[] starts = new int[LINES + 1];
        final boolean[] acked = new boolean[LINES];
        int next;

        LogFile(int number, Random random) {
            node = new NodeName("node-" + number / SOURCES);
            source = new SourceId("s" + number);
            form = Form.values()[number % 3];
            for (int line = 0; line < LINES; line++) {
                texts[line] = number + "/" + line + " " + Long.toHexString(random.nextLong());
                lines[line] = switch (form) {
                    case DOCKER -> "{\"log\":\"" + texts[line] + "\\n\",\"stream\":\"stdout\",\"time\":\"t\"}\n";
                    case CRI -> "2026-11-20T10:00:00.123456789+02:00 stderr F " + texts[line] + "\n";
                    case PLAIN -> texts[line] + "\n";
                };
                starts[line + 1] = starts[line] + lines[line].length();
            }
        }

        String raw(int from, int to) {
            return String.join("", List.of(lines).subList(from, to));
        }

        String text(int line) {
            return texts[line];
        }

        void acknowledged(int from, int to) {
            for (int line = from; line < to; line++) {
                acked[line] = true;
            }
            next = Math.max(next, to);
        }
    }
}
