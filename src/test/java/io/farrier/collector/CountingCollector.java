package io.farrier.collector;

import io.farrier.feed.ByteRange;
import io.farrier.feed.Encoding;
import io.farrier.feed.Frame;
import io.farrier.feed.FrameCodec;
import io.farrier.feed.InvalidFrameException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A collector that acknowledges at once, at the pace of the real one, and keeps nothing but counts: what an agent costs
 * is then not bounded by a disk.
 */
public final class CountingCollector implements AutoCloseable {
    private final Vertx vertx;
    private final HttpServer server;
    private final Optional<String> encoding;
    private final AtomicLong wireBytes = new AtomicLong();
    private final AtomicLong logBytes = new AtomicLong();
    private volatile Consumer<Frame.LogBatch> listener = batch -> {};
    private volatile boolean isWelcomed;

    /** @param encoding the one that an agent is asked to use, if it offers it */
    public CountingCollector(Vertx vertx, Optional<Encoding> encoding) throws Exception {
        this.vertx = vertx;
        this.encoding = encoding.map(Encoding::word);
        this.server = vertx.createHttpServer(new HttpServerOptions()
                .setMaxWebSocketFrameSize(FrameCodec.MAX_FRAME_BYTES)
                .setMaxWebSocketMessageSize(FrameCodec.MAX_FRAME_BYTES));
        server.webSocketHandler(socket -> new Session(socket).begin());
        server.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    public int port() {
        return server.actualPort();
    }

    /** Hears of each batch when its ack has been written, or is due within the pace of acks. */
    public void onBatch(Consumer<Frame.LogBatch> heard) {
        listener = heard;
    }

    public boolean isWelcomed() {
        return isWelcomed;
    }

    /** Bytes of WebSocket messages. */
    public long wireBytes() {
        return wireBytes.get();
    }

    /** Bytes of log files. */
    public long logBytes() {
        return logBytes.get();
    }

    @Override
    public void close() {
        server.close();
    }

    private final class Session {
        private final ServerWebSocket socket;
        private final Outbox outbox = new Outbox(this::send, System.nanoTime());
        private boolean isFlushPlanned;

        Session(ServerWebSocket socket) {
            this.socket = socket;
        }

        void begin() {
            socket.binaryMessageHandler(this::received);
        }

        private void received(Buffer message) {
            wireBytes.addAndGet(message.length());
            try {
                handle(FrameCodec.decode(ByteBuffer.wrap(message.getBytes())));
            } catch (InvalidFrameException broken) {
                throw new AssertionError("the agent sent what is no frame", broken);
            }
        }

        private void handle(Frame frame) {
            if (frame instanceof Frame.Hello hello) {
                Optional<String> agreed = encoding.filter(hello.encodings()::contains);
                send(new Frame.Welcome(Frame.VERSION, FeedSession.CREDIT_BYTES, agreed));
                isWelcomed = true;
            } else if (frame instanceof Frame.LogBatch batch) {
                logBytes.addAndGet(batch.to() - batch.from());
                outbox.ack(batch.source(), new ByteRange(batch.from(), batch.to()));
                flush();
                listener.accept(batch);
            } else if (frame instanceof Frame.Event event) {
                outbox.ack(event.spool(), event.seq());
                flush();
            }
        }

        private void flush() {
            if (isFlushPlanned) {
                return;
            }
            outbox.flush(System.nanoTime()).ifPresent(nanos -> {
                isFlushPlanned = true;
                vertx.setTimer(Math.max(1, nanos / 1_000_000), due -> {
                    isFlushPlanned = false;
                    flush();
                });
            });
        }

        private void send(Frame frame) {
            socket.writeFinalBinaryFrame(Buffer.buffer(FrameCodec.encode(frame).array()));
        }
    }
}
