package io.farrier.collector;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.config.CollectorConfig.Lines;
import io.farrier.feed.ByteRange;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.Frame.SourceOpened;
import io.farrier.feed.SourceId;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent that does not care for its credit and sends all it has at once. */
final class FeedFloodTest {
    private static final int LINES = 100_000;
    private static final int LINES_IN_BATCH = 500;
    private static final int LINE_BYTES = 200;
    private static final SourceId SOURCE = new SourceId("flood");

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void stop() throws Exception {
        RunningCollector.await(vertx.close());
    }

    @Test
    void aFloodIsStoredOnceAndTheCollectorSaysNoMoreThanAnAgentBears() throws Exception {
        try (RunningCollector collector = new RunningCollector(folder.resolve("state"));
                FeedClient flood = new FeedClient(vertx, collector, "flood")) {
            long begin = System.nanoTime();
            flood(flood, LINES);

            long frames = flood.awaitAcks(new ByteRange(0, (long) LINES * LINE_BYTES));
            assertThat(frames / secondsSince(begin)).isLessThan(100);

            assertThat(storedLines(collector, "flood")).isEqualTo(LINES);
            assertThat(collector.viewed("/metrics")).contains("farrier_collector_waiting_bytes 0\n");
        }
    }

    @Test
    void aNodeAboveItsRateIsAcknowledgedLateAndStoredWhollyWhileOthersGoOn() throws Exception {
        Lines limited = new Lines(Optional.of(1L << 20), Map.of(), Map.of());
        try (RunningCollector collector = new RunningCollector(folder.resolve("state"), limited);
                FeedClient flood = new FeedClient(vertx, collector, "flood");
                FeedClient quiet = new FeedClient(vertx, collector, "quiet")) {
            long begin = System.nanoTime();
            flood(flood, LINES / 5);
            quiet.send(new SourceOpened(SOURCE, Form.PLAIN, "quiet", Map.of()));
            quiet.send(SOURCE, 0, "evidence\n");
            quiet.awaitAcks(new ByteRange(0, 9));
            double quietSeconds = secondsSince(begin);

            flood.awaitAcks(new ByteRange(0, (long) LINES / 5 * LINE_BYTES));
            // 4 MB at 1 MiB a second, of which a second's worth is free.
            assertThat(secondsSince(begin)).isGreaterThan(2.5).isGreaterThan(quietSeconds);
            assertThat(storedLines(collector, "flood")).isEqualTo(LINES / 5);
            assertThat(collector.viewed("/metrics"))
                    .contains("farrier_collector_waiting_bytes 0\n")
                    .doesNotContain("farrier_collector_feed_late_batches_total 0\n");
        }
    }

    private static void flood(FeedClient client, int lines) {
        client.send(new SourceOpened(SOURCE, Form.PLAIN, "noisy", Map.of()));
        for (int first = 0; first < lines; first += LINES_IN_BATCH) {
            StringBuilder text = new StringBuilder();
            for (int line = first; line < first + LINES_IN_BATCH; line++) {
                text.append(String.format("%-" + (LINE_BYTES - 1) + "d\n", line));
            }
            client.send(SOURCE, (long) first * LINE_BYTES, text.toString());
        }
    }

    private static double secondsSince(long begin) {
        return Math.max(1, (System.nanoTime() - begin) / 1e9);
    }

    private static long storedLines(RunningCollector collector, String name) throws Exception {
        JsonNode node = new ObjectMapper().readTree(collector.viewed("/api/nodes/" + name));
        return node.path("sources").path(0).path("lines").asLong();
    }
}
