package io.farrier.collector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.config.CollectorConfig.JoinPattern;
import io.farrier.config.CollectorConfig.Lines;
import io.farrier.feed.ByteRange;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.Frame.SourceOpened;
import io.farrier.feed.SourceId;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code join=} of the API: from the feed to what a reader sees, stored and live. */
final class JoinedLinesTest {
    private static final SourceId SOURCE = new SourceId("s1");
    private static final String TRACE = "java.lang.Error: no\n\tat io.example.A(A.java:1)\nCaused by: x.Y: broken\n";

    @TempDir
    Path folder;

    private final ObjectMapper json = new ObjectMapper();
    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void stop() throws Exception {
        RunningCollector.await(vertx.close());
    }

    @Test
    void aTraceIsOneRecordInASearchAndLive() throws Exception {
        Lines lines = new Lines(
                Optional.empty(),
                Map.of("dated", new JoinPattern(Optional.of("^2026-"), Optional.empty())),
                Map.of("shop", "dated"));
        try (RunningCollector collector = new RunningCollector(folder.resolve("state"), lines);
                FeedClient agent = new FeedClient(vertx, collector, "worker-1");
                InputStream live = collector.stream("/api/logs/live?join=java&q=broken")) {
            BufferedReader events = new BufferedReader(new InputStreamReader(live, UTF_8));
            assertThat(events.readLine()).isEqualTo(":");
            String file = "before\n" + TRACE + "after\n";
            agent.send(new SourceOpened(SOURCE, Form.PLAIN, "etcd", Map.of()));
            agent.send(SOURCE, 0, file);
            agent.awaitAcks(new ByteRange(0, file.length()));

            JsonNode record = json.readTree(nextData(events));
            assertThat(record.path("text").asText() + "\n").isEqualTo(TRACE);
            assertThat(record.path("lines").asInt()).isEqualTo(3);
            assertThat(record.path("offset").asInt()).isEqualTo("before\n".length());

            JsonNode found = search(collector, "join=java&q=broken");
            assertThat(found).hasSize(1);
            assertThat(found.path(0).path("text").asText() + "\n").isEqualTo(TRACE);
            assertThat(search(collector, "q=broken").path(0).path("text").asText())
                    .isEqualTo("Caused by: x.Y: broken");

            String dated = "2026-11-20 a\nand b\n2026-11-21 c\n";
            SourceId shop = new SourceId("s2");
            agent.send(new SourceOpened(shop, Form.PLAIN, "shop", Map.of()));
            agent.send(shop, 0, dated);
            agent.awaitAcks(new ByteRange(0, dated.length()));
            assertThat(search(collector, "join=auto&container=shop")
                            .path(0)
                            .path("text")
                            .asText())
                    .isEqualTo("2026-11-20 a\nand b");
            assertThat(search(collector, "join=auto&q=broken")
                            .path(0)
                            .path("lines")
                            .asInt())
                    .isEqualTo(3);
        }
    }

    @Test
    void aPatternThatNobodyKnowsIsRefusedWithThoseThereAre() throws Exception {
        try (RunningCollector collector = new RunningCollector(folder.resolve("state"))) {
            for (String path : new String[] {"/api/logs?join=perl", "/api/logs/live?join=perl"}) {
                assertThat(collector.viewed(path)).contains("expected auto, java, go, python, traces");
            }
        }
    }

    private JsonNode search(RunningCollector collector, String query) throws Exception {
        return json.readTree(collector.viewed("/api/logs?" + query)).path("lines");
    }

    private static String nextData(BufferedReader events) throws Exception {
        for (String line = events.readLine(); line != null; line = events.readLine()) {
            if (line.startsWith("data: ")) {
                return line.substring("data: ".length());
            }
        }
        throw new AssertionError("the stream ended");
    }
}
