package io.farrier.agent;

import io.farrier.config.FarrierConfig.CollectorLink;
import io.farrier.feed.ByteRange;
import io.farrier.feed.Encoding;
import io.farrier.feed.Frame;
import io.farrier.feed.Frame.Event;
import io.farrier.feed.FrameCodec;
import io.farrier.feed.SourceId;
import io.farrier.logs.LogSink;
import io.farrier.secret.Secret;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.ssl.SslHandler;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.internal.http.WebSocketInternal;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The one connection to the collector. It sends frames; all that comes back moves a cursor, a credit or an end. It is
 * given no object that could change the node.
 *
 * <p>All state belongs to one event loop; what the tail thread asks ({@link LogSink}) is answered from the numbers of
 * the connection that is current.
 */
final class Uplink implements LogSink, AutoCloseable {
    /** However much a collector offers: what is under way is memory. */
    static final long MAX_CREDIT = 8L << 20;

    /** Of lines, as they are in their files: so many are not kept back for more. */
    private static final int WORTH_LEAVING_BYTES = 64 << 10;

    private static final int MAX_FLUSHED_TOGETHER = 32;
    private static final int MAX_EVENTS_UNDER_WAY = 32;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration WELCOME_DEADLINE = Duration.ofSeconds(10);

    /** Three pings without any answer: the other side, or the way to it, is gone. */
    private static final Duration PING_EVERY = Duration.ofSeconds(15);

    private static final Duration SILENCE = Duration.ofSeconds(50);

    private static final short PROTOCOL_ERROR = 1002;

    /** What the tail hears. Called on the event loop, must return at once. */
    interface Acks {
        /**
         * @param ack of a source
         * @return false when too many wait already; the connection is then begun again
         */
        boolean acked(Frame.Ack ack);

        /** Credit or connection have changed. */
        void changed();
    }

    /**
     * @param connected whether a collector has welcomed this agent
     * @param detail since when or why not, as a sentence
     */
    record Status(boolean connected, String detail) {}

    private final Vertx vertx;
    private final Context context;
    private final CollectorLink link;
    private final Secret nodeKey;
    private final Frame.Hello hello;
    private final StateLane state;
    private final Acks acks;
    private final Backoff backoff;
    private final LongSupplier nanos;
    private final Log log;

    /** Kept: a client that nothing refers to is closed by its cleaner at the next garbage collection. */
    private final WebSocketClient client;

    private volatile @Nullable Connection current;
    private volatile Status status = new Status(false, "not connected yet");
    private volatile boolean isClosed;
    private long connections;

    /** What the tail's thread has sent and not flushed. */
    private List<Outgoing> outgoing = new ArrayList<>();

    private long outgoingBytes;

    /** @param frame without its body */
    private record Outgoing(Connection connection, Frame frame, ByteBuffer message) {
        void go() {
            connection.send(frame, message);
        }
    }

    Uplink(
            Vertx vertx,
            CollectorLink link,
            Secret nodeKey,
            Frame.Hello hello,
            StateLane state,
            Acks acks,
            RandomGenerator random,
            LongSupplier nanos,
            Log log) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.link = link;
        this.nodeKey = nodeKey;
        this.hello = hello;
        this.state = state;
        this.acks = acks;
        this.backoff = new Backoff(random);
        this.nanos = nanos;
        this.log = log;
        this.client = vertx.createWebSocketClient(options(link));
    }

    void start() {
        state.onEvent(() -> context.runOnContext(now -> sendEvents()));
        context.runOnContext(now -> connect());
    }

    Status status() {
        return status;
    }

    /** Tells how far a piece of work is; left out when nobody listens or the line is busy. */
    void progress(Frame.Progress progress) {
        context.runOnContext(now -> {
            Connection open = current;
            if (open != null && !open.socket.writeQueueFull()) {
                open.write(FrameCodec.encode(progress));
            }
        });
    }

    @Override
    public long connection() {
        Connection open = current;
        return open == null ? NONE : open.number;
    }

    @Override
    public long room() {
        Connection open = current;
        return open == null ? 0 : open.credit - open.underWay.get();
    }

    @Override
    public boolean isDrained() {
        Connection open = current;
        return open != null && open.underWay.get() == 0;
    }

    @Override
    public void send(long connection, Frame frame) {
        Connection open = current;
        if (open == null || open.number != connection) {
            return;
        }
        if (frame instanceof Frame.LogBatch batch) {
            long lines = batch.to() - batch.from();
            open.underWay.addAndGet(lines);
            outgoingBytes += lines;
        }
        // Encoded here, on the tail's thread: the body is its slab, and compression is its work.
        ByteBuffer message = FrameCodec.encode(frame, open.encoding);
        Frame light = frame instanceof Frame.LogBatch batch
                ? new Frame.LogBatch(batch.source(), batch.from(), batch.to(), batch.lines(), ByteBuffer.allocate(0))
                : frame;
        outgoing.add(new Outgoing(open, light, message));
        if (outgoingBytes >= WORTH_LEAVING_BYTES) {
            flush();
        }
    }

    @Override
    public void flush() {
        if (outgoing.isEmpty()) {
            return;
        }
        List<Outgoing> together = outgoing;
        outgoing = new ArrayList<>();
        outgoingBytes = 0;
        context.runOnContext(now -> together.forEach(Outgoing::go));
    }

    @Override
    public void forget(SourceId source) {
        context.runOnContext(now -> {
            Connection open = current;
            if (open != null) {
                open.inFlight.forget(source);
            }
        });
    }

    @Override
    public void close() {
        isClosed = true;
        context.runOnContext(now -> {
            Connection open = current;
            if (open != null) {
                open.socket.close();
            }
        });
        client.close();
    }

    private static WebSocketClientOptions options(CollectorLink link) {
        WebSocketClientOptions options = new WebSocketClientOptions()
                .setConnectTimeout((int) CONNECT_TIMEOUT.toMillis())
                .setMaxFrameSize(FrameCodec.MAX_CONTROL_BYTES)
                .setMaxMessageSize(FrameCodec.MAX_CONTROL_BYTES)
                .setSsl(isTls(link.url()));
        link.ca().ifPresent(pem -> options.setTrustOptions(new PemTrustOptions().addCertValue(Buffer.buffer(pem))));
        link.sha256().ifPresent(pin -> options.setTrustOptions(TrustOptions.wrap(new CollectorTrust(pin))));
        return options;
    }

    /** The token goes over TLS only; plain is for a collector on this machine. */
    private static boolean isTls(URI url) {
        if ("wss".equals(url.getScheme())) {
            return true;
        }
        try {
            if ("ws".equals(url.getScheme())
                    && InetAddress.getByName(url.getHost()).isLoopbackAddress()) {
                return false;
            }
        } catch (UnknownHostException unknown) {
            // Refused below.
        }
        throw new IllegalArgumentException(
                "collector.url is " + url + "; the token it would carry needs wss:// (ws:// is for loopback only)");
    }

    private void connect() {
        if (isClosed) {
            return;
        }
        int port = link.url().getPort() > 0 ? link.url().getPort() : isTls(link.url()) ? 443 : 80;
        WebSocketConnectOptions options = new WebSocketConnectOptions()
                .setHost(link.url().getHost())
                .setPort(port)
                .setURI(link.url().getRawPath().isEmpty() ? "/feed" : link.url().getRawPath())
                .setTimeout(CONNECT_TIMEOUT.toMillis())
                .putHeader("Authorization", "Bearer " + link.token().reveal())
                .putHeader(NodeKey.HEADER, nodeKey.reveal());
        Future<WebSocket> opened = client.connect(options);
        opened.onSuccess(this::greet).onFailure(failure -> retry("could not connect: " + reason(failure)));
    }

    private void greet(WebSocket socket) {
        if (socket instanceof WebSocketInternal open) {
            ChannelPipeline pipeline = open.channelHandlerContext().pipeline();
            MaskedFrames.on(pipeline);
            flushTogether(pipeline);
        }
        Connection connection = new Connection(++connections, socket);
        socket.binaryMessageHandler(message -> connection.received(message));
        socket.textMessageHandler(message -> connection.received(Buffer.buffer(message)));
        socket.pongHandler(pong -> connection.heardAt = nanos.getAsLong());
        socket.exceptionHandler(failure -> connection.why(reason(failure)));
        socket.closeHandler(closed -> connection.ended());
        connection.write(FrameCodec.encode(hello));
        connection.timer = vertx.setTimer(WELCOME_DEADLINE.toMillis(), late -> connection.welcomeIsLate());
    }

    /** Small frames of one moment are one TLS record, and one call of the kernel. */
    private static void flushTogether(ChannelPipeline pipeline) {
        FlushConsolidationHandler together = new FlushConsolidationHandler(MAX_FLUSHED_TOGETHER, true);
        ChannelHandlerContext tls = pipeline.context(SslHandler.class);
        if (tls == null) {
            pipeline.addFirst(together);
        } else {
            pipeline.addAfter(tls.name(), null, together);
        }
    }

    private void retry(String why) {
        if (isClosed) {
            return;
        }
        Duration wait = backoff.next();
        status = new Status(false, why);
        log.seldom("The collector " + link.url() + " " + why);
        vertx.setTimer(Math.max(1, wait.toMillis()), due -> connect());
    }

    private static String reason(Throwable failure) {
        Throwable root = failure;
        for (int depth = 0; root.getCause() != null && depth < 10; depth++) {
            root = root.getCause();
        }
        return Log.escaped(root.getMessage() == null ? root.toString() : root.getMessage());
    }

    private void sendEvents() {
        Connection open = current;
        if (open != null) {
            open.sendEvents();
        }
    }

    /** One connection from its hello to its end. */
    private final class Connection {
        private final long number;
        private final WebSocket socket;
        private final Doorman doorman = new Doorman();
        private final InFlight inFlight = new InFlight();
        private final AtomicLong underWay = new AtomicLong();
        private volatile long credit;
        private volatile Encoding encoding = Encoding.IDENTITY;
        private String why = "closed the connection";
        private long heardAt = nanos.getAsLong();
        private long timer;
        private boolean isEnded;
        private boolean isAskingForEvents;
        private long eventSent;
        private long eventAcked;
        private int eventsUnderWay;

        Connection(long number, WebSocket socket) {
            this.number = number;
            this.socket = socket;
        }

        void write(ByteBuffer message) {
            // One frame whatever its size: writeBinaryMessage would cut it to pieces of the size we accept.
            // Wrapped, not copied, and masked where it stands: nobody reads these bytes again.
            socket.writeFinalBinaryFrame(BufferInternal.buffer(Unpooled.wrappedBuffer(message)));
        }

        void send(Frame frame, ByteBuffer message) {
            if (isEnded) {
                return;
            }
            if (frame instanceof Frame.LogBatch batch) {
                inFlight.sent(batch.source(), new ByteRange(batch.from(), batch.to()));
            } else if (frame instanceof Frame.Lost lost) {
                inFlight.sent(lost);
            }
            write(message);
        }

        void received(Buffer message) {
            if (isEnded) {
                return;
            }
            heardAt = nanos.getAsLong();
            try {
                accept(doorman.letIn(ByteBuffer.wrap(message.getBytes()), nanos.getAsLong()));
            } catch (HostileCollectorException hostile) {
                why("was left, because " + hostile.getMessage());
                socket.close(PROTOCOL_ERROR, "not a frame a collector sends");
                ended();
            }
        }

        private void accept(Frame frame) throws HostileCollectorException {
            if (frame instanceof Frame.Welcome welcome) {
                welcomed(welcome);
            } else if (frame instanceof Frame.Credit flow) {
                credit = Math.min(flow.bytes(), MAX_CREDIT);
                acks.changed();
            } else if (frame instanceof Frame.Ack ack) {
                acknowledged(ack);
            }
        }

        private void welcomed(Frame.Welcome welcome) throws HostileCollectorException {
            if (welcome.version() != Frame.VERSION) {
                throw new HostileCollectorException(
                        "it speaks version " + welcome.version() + " of the feed, this agent " + Frame.VERSION);
            }
            credit = Math.min(welcome.credit(), MAX_CREDIT);
            encoding = agreed(welcome);
            vertx.cancelTimer(timer);
            timer = vertx.setPeriodic(PING_EVERY.toMillis(), tick -> ping());
            current = this;
            status = new Status(true, "connected to " + link.url());
            // A collector may welcome and hang up again and again.
            log.infoSeldom("welcome", "The collector " + link.url() + " welcomed this node");
            acks.changed();
            sendEvents();
        }

        private Encoding agreed(Frame.Welcome welcome) throws HostileCollectorException {
            if (welcome.encoding().isEmpty()) {
                return Encoding.IDENTITY;
            }
            String word = welcome.encoding().get();
            if (!hello.encodings().contains(word)) {
                throw new HostileCollectorException("it chose an encoding that was not offered");
            }
            return Encoding.find(word).orElse(Encoding.IDENTITY);
        }

        private void acknowledged(Frame.Ack ack) throws HostileCollectorException {
            if (ack.source().isPresent()) {
                SourceId source = ack.source().get();
                long released = inFlight.ack(source, ack);
                underWay.addAndGet(-released);
                if (!acks.acked(ack)) {
                    why("acknowledged faster than the cursors can move");
                    socket.close();
                    return;
                }
                backoff.reset();
                acks.changed();
            } else {
                inFlight.ackEvents(ack.seq());
                eventAcked = Math.max(eventAcked, ack.seq());
                eventsUnderWay = eventAcked >= eventSent ? 0 : eventsUnderWay;
                state.ack(ack.seq());
                backoff.reset();
                sendEvents();
            }
        }

        /** A round of events goes when the one before is acknowledged, so that they never fill the memory. */
        void sendEvents() {
            if (isEnded || isAskingForEvents || eventsUnderWay > 0) {
                return;
            }
            isAskingForEvents = true;
            state.after(eventSent, MAX_EVENTS_UNDER_WAY)
                    .whenComplete((events, failure) -> context.runOnContext(
                            now -> spooled(Optional.ofNullable(events).orElse(List.of()))));
        }

        private void spooled(List<Event> events) {
            isAskingForEvents = false;
            if (isEnded) {
                return;
            }
            for (Event event : events) {
                write(FrameCodec.encode(event));
                eventSent = event.seq();
                inFlight.sentEvent(eventSent);
                eventsUnderWay++;
            }
        }

        private void ping() {
            if (nanos.getAsLong() - heardAt > SILENCE.toNanos()) {
                why("has been silent for " + SILENCE.toSeconds() + " seconds");
                socket.close();
                ended();
                return;
            }
            socket.writePing(Buffer.buffer());
        }

        private void welcomeIsLate() {
            why("did not welcome this node within " + WELCOME_DEADLINE.toSeconds() + " seconds");
            socket.close();
            ended();
        }

        private void why(String reason) {
            why = reason;
        }

        private void ended() {
            if (isEnded) {
                return;
            }
            isEnded = true;
            vertx.cancelTimer(timer);
            if (current == this) {
                current = null;
                acks.changed();
            }
            String reason = socket.closeReason();
            retry(reason == null || reason.isEmpty() ? why : why + ": " + Log.escaped(reason));
        }
    }
}
