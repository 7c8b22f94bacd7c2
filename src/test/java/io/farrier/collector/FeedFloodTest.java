package io.farrier.collector;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.feed.ByteRange;
import io.farrier.feed.ByteRanges;
import io.farrier.feed.Frame;
import io.farrier.feed.Frame.Ack;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.Frame.Hello;
import io.farrier.feed.Frame.LogBatch;
import io.farrier.feed.Frame.SourceOpened;
import io.farrier.feed.Frame.Welcome;
import io.farrier.feed.FrameCodec;
import io.farrier.feed.SourceId;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent that does not care for its credit and sends all it has at once. */
final class FeedFloodTest {
    private static final int LINES = 100_000;
    private static final int LINES_IN_BATCH = 500;
    private static final int LINE_BYTES = 200;
    private static final int DEADLINE_SECONDS = 120;
    private static final SourceId SOURCE = new SourceId("flood");

    @TempDir
    Path folder;

    @Test
    void aFloodIsStoredOnceAndTheCollectorSaysNoMoreThanAnAgentBears() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (RunningCollector collector = new RunningCollector(folder.resolve("state"))) {
            WebSocketClient client = vertx.createWebSocketClient(new WebSocketClientOptions()
                    .setSsl(true)
                    .setTrustOptions(
                            new PemTrustOptions().addCertPath(collector.ca().toString())));
            WebSocket socket = RunningCollector.await(client.connect(new WebSocketConnectOptions()
                    .setAbsoluteURI(collector.feed())
                    .putHeader("Authorization", "Bearer " + collector.agentToken())
                    .putHeader("Farrier-Node-Key", "the-key-of-the-flood")));
            BlockingQueue<Frame> answers = new LinkedBlockingQueue<>();
            socket.binaryMessageHandler(message -> answers.add(decode(message)));

            send(socket, new Hello(1, "flood", "test", "b", List.of(), Map.of()));
            assertThat(next(answers)).isInstanceOf(Welcome.class);
            send(socket, new SourceOpened(SOURCE, Form.PLAIN, "noisy", Map.of()));
            long begin = System.nanoTime();
            for (int line = 0; line < LINES; line += LINES_IN_BATCH) {
                send(socket, batch(line));
            }

            ByteRange everything = new ByteRange(0, (long) LINES * LINE_BYTES);
            ByteRanges acked = new ByteRanges();
            long frames = 0;
            while (!acked.covers(everything)) {
                Frame answer = next(answers);
                frames++;
                if (answer instanceof Ack ack) {
                    ack.ranges().forEach(acked::add);
                }
            }
            double seconds = Math.max(1, (System.nanoTime() - begin) / 1e9);
            assertThat(frames / seconds).isLessThan(100);

            JsonNode node = new ObjectMapper().readTree(collector.viewed("/api/nodes/flood"));
            assertThat(node.path("sources").path(0).path("lines").asLong()).isEqualTo(LINES);
            assertThat(collector.viewed("/metrics")).contains("farrier_collector_waiting_bytes 0\n");
            RunningCollector.await(socket.close());
            RunningCollector.await(client.close());
        } finally {
            RunningCollector.await(vertx.close());
        }
    }

    private static LogBatch batch(int first) {
        StringBuilder text = new StringBuilder();
        for (int line = first; line < first + LINES_IN_BATCH; line++) {
            text.append(String.format("%-" + (LINE_BYTES - 1) + "d\n", line));
        }
        return new LogBatch(
                SOURCE,
                (long) first * LINE_BYTES,
                (long) (first + LINES_IN_BATCH) * LINE_BYTES,
                LINES_IN_BATCH,
                ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.US_ASCII)));
    }

    private static void send(WebSocket socket, Frame frame) {
        ByteBuffer bytes = FrameCodec.encode(frame);
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        socket.writeBinaryMessage(Buffer.buffer(copy));
    }

    private static Frame decode(Buffer message) {
        try {
            return FrameCodec.decode(ByteBuffer.wrap(message.getBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Frame next(BlockingQueue<Frame> answers) throws InterruptedException {
        Frame answer = answers.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
        assertThat(answer).as("an answer within %d s", DEADLINE_SECONDS).isNotNull();
        return answer;
    }
}
