package io.farrier.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.feed.ByteRange;
import io.farrier.feed.ByteRanges;
import io.farrier.feed.Frame;
import io.farrier.feed.Frame.Ack;
import io.farrier.feed.Frame.Hello;
import io.farrier.feed.Frame.LogBatch;
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
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** An agent that heeds no credit, on a connection of its own. */
final class FeedClient implements AutoCloseable {
    private static final int DEADLINE_SECONDS = 120;

    private final WebSocketClient client;
    private final WebSocket socket;
    private final BlockingQueue<Frame> answers = new LinkedBlockingQueue<>();

    /** Has said hello and is welcome. */
    FeedClient(Vertx vertx, RunningCollector collector, String node) throws Exception {
        client = vertx.createWebSocketClient(new WebSocketClientOptions()
                .setSsl(true)
                .setTrustOptions(
                        new PemTrustOptions().addCertPath(collector.ca().toString())));
        socket = RunningCollector.await(client.connect(new WebSocketConnectOptions()
                .setAbsoluteURI(collector.feed())
                .putHeader("Authorization", "Bearer " + collector.agentToken())
                .putHeader("Farrier-Node-Key", "the-key-of-the-" + node)));
        socket.binaryMessageHandler(message -> answers.add(decode(message)));
        send(new Hello(1, node, "test", "b", List.of(), Map.of()));
        assertThat(next()).isInstanceOf(Welcome.class);
    }

    void send(Frame frame) {
        ByteBuffer bytes = FrameCodec.encode(frame);
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        socket.writeBinaryMessage(Buffer.buffer(copy));
    }

    void send(SourceId source, long from, String lines) {
        byte[] bytes = lines.getBytes(StandardCharsets.UTF_8);
        send(new LogBatch(source, from, from + bytes.length, (int) lines.lines().count(), ByteBuffer.wrap(bytes)));
    }

    Frame next() throws InterruptedException {
        Frame answer = answers.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
        assertThat(answer).as("an answer within %d s", DEADLINE_SECONDS).isNotNull();
        return answer;
    }

    /** @return how many frames came until then */
    long awaitAcks(ByteRange everything) throws InterruptedException {
        ByteRanges acked = new ByteRanges();
        long frames = 0;
        while (!acked.covers(everything)) {
            Frame answer = next();
            frames++;
            if (answer instanceof Ack ack) {
                ack.ranges().forEach(acked::add);
            }
        }
        return frames;
    }

    @Override
    public void close() throws Exception {
        RunningCollector.await(socket.close());
        RunningCollector.await(client.close());
    }

    private static Frame decode(Buffer message) {
        try {
            return FrameCodec.decode(ByteBuffer.wrap(message.getBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
