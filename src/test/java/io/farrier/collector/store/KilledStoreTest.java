package io.farrier.collector.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.feed.ByteRange;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that appends is killed with SIGKILL, again and again, in the middle of its work. */
final class KilledStoreTest {
    private static final int KILLS = 4;

    @TempDir
    Path folder;

    /** In the journal, and in the middle of making blocks of it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingThatWasAcknowledgedIsMissingAndNothingIsThereTwice(boolean folding) throws Exception {
        Path file = folder.resolve("lines");
        long acked = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            // It begins before what is acknowledged, as an agent does that has lost its last cursor.
            long begin = Math.max(0, acked / StoreUntilKilled.LINE_BYTES - 40);
            acked = Math.max(acked, ackedUntilKilled(file, folding, begin, 37 + 61 * kill));
            assertStored(file, folding, acked);
        }
    }

    private static void assertStored(Path file, boolean folding, long acked) throws Exception {
        try (LineStore store = StoreUntilKilled.open(file, folding)) {
            List<ByteRange> ranges =
                    store.ranges(StoreUntilKilled.NODE, StoreUntilKilled.SOURCE).toList();
            assertThat(ranges).hasSize(1);
            assertThat(ranges.get(0).to()).isGreaterThanOrEqualTo(acked);

            List<String> wanted = new ArrayList<>();
            for (long line = 0; line < ranges.get(0).to() / StoreUntilKilled.LINE_BYTES; line++) {
                wanted.add(StoreUntilKilled.line(line));
            }
            assertThat(everyLine(store)).isEqualTo(wanted);
            assertThat(store.sources(StoreUntilKilled.NODE))
                    .extracting(SourceFacts::lines)
                    .as("no line is kept twice either")
                    .containsExactly((long) wanted.size());
        }
    }

    private static List<String> everyLine(LineStore store) throws Exception {
        List<String> lines = new ArrayList<>();
        Optional<Long> before = Optional.empty();
        while (true) {
            LineQuery newest = LineQuery.newest(LineQuery.MAX_LIMIT);
            FoundLines page = store.search(before.map(newest::before).orElse(newest));
            if (page.lines().isEmpty()) {
                return lines;
            }
            lines.addAll(
                    0, page.lines().stream().map(line -> line.line().text()).toList());
            before = Optional.of(page.lines().get(0).id());
        }
    }

    private static long ackedUntilKilled(Path file, boolean folding, long begin, int batches) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StoreUntilKilled.class.getName(),
                        file.toString(),
                        Boolean.toString(folding),
                        Long.toString(begin))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long acked = 0;
        try (BufferedReader acks = process.inputReader()) {
            for (int i = 0; i < batches; i++) {
                String ack = acks.readLine();
                assertThat(ack)
                        .as("the appending process ended by itself after %d acks", i)
                        .isNotNull();
                acked = Math.max(acked, Long.parseLong(ack));
            }
            process.destroyForcibly();
        }
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return acked;
    }
}
