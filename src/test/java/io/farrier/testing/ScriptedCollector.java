package io.farrier.testing;

import io.farrier.feed.ByteRange;
import io.farrier.feed.Frame;
import io.farrier.feed.FrameCodec;
import io.farrier.feed.InvalidFrameException;
import io.farrier.feed.SourceId;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A WebSocket server that does what a test says, and remembers what it got. */
public final class ScriptedCollector implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private final HttpServer server;
    private final BlockingQueue<Frame> frames = new LinkedBlockingQueue<>();
    private final BlockingQueue<ServerWebSocket> opened = new LinkedBlockingQueue<>();
    private final BlockingQueue<Short> closed = new LinkedBlockingQueue<>();
    private volatile @Nullable MultiMap headers;
    private volatile @Nullable ServerWebSocket socket;

    public ScriptedCollector(Vertx vertx, HttpServerOptions options) throws Exception {
        server = vertx.createHttpServer(options.setMaxWebSocketFrameSize(FrameCodec.MAX_FRAME_BYTES)
                .setMaxWebSocketMessageSize(FrameCodec.MAX_FRAME_BYTES));
        server.webSocketHandler(this::connected);
        server.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private void connected(ServerWebSocket arrived) {
        headers = arrived.headers();
        socket = arrived;
        arrived.binaryMessageHandler(this::received);
        arrived.closeHandler(gone ->
                closed.add(Optional.ofNullable(arrived.closeStatusCode()).orElse((short) 0)));
        opened.add(arrived);
    }

    private void received(Buffer message) {
        try {
            frames.add(FrameCodec.decode(ByteBuffer.wrap(message.getBytes())));
        } catch (InvalidFrameException broken) {
            throw new AssertionError("the agent sent what is no frame", broken);
        }
    }

    public int port() {
        return server.actualPort();
    }

    public @Nullable String header(String name) {
        MultiMap seen = headers;
        return seen == null ? null : seen.get(name);
    }

    /** Waits for a connection and its hello. */
    public Frame.Hello greeted() {
        take(opened, "a connection");
        return next(Frame.Hello.class);
    }

    public void welcome(long credit) {
        send(new Frame.Welcome(Frame.VERSION, credit, Optional.empty()));
    }

    public void send(Frame frame) {
        sendRaw(FrameCodec.encode(frame).array());
    }

    public void sendRaw(byte[] bytes) {
        current().writeFinalBinaryFrame(Buffer.buffer(bytes));
    }

    public void ack(Frame.LogBatch batch) {
        ack(batch.source(), batch.from(), batch.to());
    }

    public void ack(SourceId source, long from, long to) {
        send(Frame.Ack.of(source, List.of(new ByteRange(from, to))));
    }

    public void hangUp() {
        current().close();
    }

    public short closeCode() {
        return take(closed, "the end of the connection");
    }

    /** The next frame, which must be of this type. */
    public <F extends Frame> F next(Class<F> type) {
        Frame frame = take(frames, "a " + type.getSimpleName());
        if (!type.isInstance(frame)) {
            throw new AssertionError("expected a " + type.getSimpleName() + " but got " + frame);
        }
        return type.cast(frame);
    }

    public boolean isSilent(Duration time) {
        try {
            return frames.poll(time.toMillis(), TimeUnit.MILLISECONDS) == null;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        server.close();
    }

    private ServerWebSocket current() {
        ServerWebSocket open = socket;
        if (open == null) {
            throw new AssertionError("no agent is connected");
        }
        return open;
    }

    private static <T> T take(BlockingQueue<T> queue, String what) {
        try {
            T taken = queue.poll(DEADLINE.toSeconds(), TimeUnit.SECONDS);
            if (taken == null) {
                throw new AssertionError("waited " + DEADLINE.toSeconds() + " s for " + what + ", and nothing came");
            }
            return taken;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
