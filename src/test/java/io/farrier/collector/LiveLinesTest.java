package io.farrier.collector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.Frame.SourceOpened;
import io.farrier.feed.SourceId;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code /api/logs/live}: what a reader sees while nodes send. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class LiveLinesTest {
    private static final SourceId ETCD = new SourceId("s1");
    private static final SourceId KUBELET = new SourceId("s2");
    private static final int READERS = 64;

    @TempDir
    Path folder;

    private final ObjectMapper json = new ObjectMapper();
    private final Vertx vertx = Vertx.vertx();
    private RunningCollector collector;

    @BeforeEach
    void start() throws Exception {
        collector = new RunningCollector(folder.resolve("state"));
    }

    @AfterEach
    void stop() throws Exception {
        collector.close();
        RunningCollector.await(vertx.close());
    }

    @Test
    void aReaderSeesTheLinesItAskedForInTheOrderInWhichTheyCame() throws Exception {
        try (FeedClient agent = new FeedClient(vertx, collector, "worker-1");
                FeedClient other = new FeedClient(vertx, collector, "worker-2");
                BufferedReader live = reader("?node=worker-1&container=etcd&q=took")) {
            open(agent, ETCD, "etcd");
            open(agent, KUBELET, "kubelet");
            open(other, ETCD, "etcd");
            other.send(ETCD, 0, "took 1\n");
            agent.send(KUBELET, 0, "took 2\n");
            agent.send(ETCD, 0, "took 3\nanother\n");
            agent.send(ETCD, 15, "it took 4\n");

            JsonNode first = next(live, "line");
            assertThat(first.path("text").asText()).isEqualTo("took 3");
            assertThat(first.path("node").asText()).isEqualTo("worker-1");
            assertThat(next(live, "line").path("text").asText()).isEqualTo("it took 4");
        }
    }

    @Test
    void ofAFloodAReaderIsToldHowMuchItDidNotSee() throws Exception {
        int lines = 5_000;
        try (FeedClient agent = new FeedClient(vertx, collector, "worker-1");
                BufferedReader live = reader("")) {
            open(agent, ETCD, "etcd");
            agent.send(
                    ETCD,
                    0,
                    IntStream.range(0, lines).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining()));

            long seen = 0;
            long skipped = 0;
            while (seen + skipped < lines) {
                String event = live.readLine();
                seen += event.equals("event: line") ? 1 : 0;
                skipped += event.equals("event: skipped")
                        ? data(live.readLine()).path("lines").asLong()
                        : 0;
            }
            assertThat(seen + skipped).isEqualTo(lines);
            assertThat(skipped).isPositive();
            assertThat(seen).isPositive();
        }
    }

    @Test
    void moreReadersThanThereIsRoomForAreRefusedUntilOneGoes() throws Exception {
        List<BufferedReader> readers = new ArrayList<>();
        try {
            for (int i = 0; i < READERS; i++) {
                readers.add(reader(""));
            }
            assertThat(collector.viewed("/api/logs/live")).contains("Already 64 readers");

            readers.remove(0).close();

            await().atMost(Duration.ofSeconds(60)).ignoreExceptions().untilAsserted(() -> readers.add(reader("")));
        } finally {
            for (BufferedReader reader : readers) {
                reader.close();
            }
        }
    }

    private static void open(FeedClient agent, SourceId source, String container) throws Exception {
        agent.send(new SourceOpened(source, Form.PLAIN, container, Map.of()));
    }

    /** From now on. */
    private BufferedReader reader(String query) throws Exception {
        InputStream stream = collector.stream("/api/logs/live" + query);
        BufferedReader reader = new BufferedReader(new InputStreamReader(stream, UTF_8));
        String greeting = reader.readLine();
        if (!":".equals(greeting)) {
            reader.close();
            throw new IOException("Not welcome: " + greeting);
        }
        return reader;
    }

    private JsonNode next(BufferedReader live, String event) throws IOException {
        for (String line = live.readLine(); line != null; line = live.readLine()) {
            if (line.equals("event: " + event)) {
                return data(live.readLine());
            }
        }
        throw new AssertionError("the stream ended");
    }

    private JsonNode data(String line) throws IOException {
        assertThat(line).startsWith("data: ");
        return json.readTree(line.substring("data: ".length()));
    }
}
