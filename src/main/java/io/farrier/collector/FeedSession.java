package io.farrier.collector;

import io.farrier.collector.identity.NodeKey;
import io.farrier.collector.identity.NodeName;
import io.farrier.collector.store.Binding;
import io.farrier.feed.ByteRange;
import io.farrier.feed.Encoding;
import io.farrier.feed.Frame;
import io.farrier.feed.Frame.Event;
import io.farrier.feed.Frame.Hello;
import io.farrier.feed.Frame.LogBatch;
import io.farrier.feed.Frame.Lost;
import io.farrier.feed.Frame.Progress;
import io.farrier.feed.Frame.SourceOpened;
import io.farrier.feed.Frame.Welcome;
import io.farrier.feed.FrameCodec;
import io.farrier.feed.InvalidFrameException;
import io.farrier.feed.SourceId;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One agent's connection: hello first, then sources, lines, losses, events and progress. It moves frames to the stores
 * and acks back; it decides nothing. One event loop.
 */
final class FeedSession {
    /** What an agent may have under way: sixteen of its slabs. */
    static final long CREDIT_BYTES = 4L << 20;

    /** An agent that overruns its credit twice over is not read until the disk has caught up. */
    private static final long MAX_WAITING_BYTES = 2 * CREDIT_BYTES;

    /** A node with 250 containers whose logs rotate; one that announces more announces nonsense. */
    static final int MAX_SOURCES = 4_096;

    /** A full queue of pulls and then some; the one that was not heard of longest is forgotten. */
    static final int MAX_WORKS = 32;

    /** Far beyond what an agent sends: events by the second, batches of 256 KiB. A flood is read at this pace. */
    static final int MAX_FRAMES_PER_SECOND = 2_000;

    private static final Duration HELLO_DEADLINE = Duration.ofSeconds(10);

    /** A close reason has 123 bytes (RFC 6455, section 5.5). */
    private static final int MAX_REASON_BYTES = 123;

    /** What a frame weighs in memory beside its bytes. */
    private static final int FRAME_OVERHEAD = 512;

    private static final Logger LOG = LoggerFactory.getLogger(FeedSession.class);

    /** Why the socket is not read. */
    enum Hold {
        BINDING,
        RATE,
        STORE,
        OVERRUN,
        NODE_RATE
    }

    private final FeedIntake intake;
    private final ServerWebSocket socket;
    private final NodeKey key;
    private final Optional<NodeName> owner;
    private final String remote;
    private final Outbox outbox;
    private final Set<Hold> holds = EnumSet.noneOf(Hold.class);
    private final Map<SourceId, SourceOpened> sources = new HashMap<>();
    private final Map<String, Progress> works = new LinkedHashMap<>();
    private @Nullable NodeName node;
    private boolean greeting;
    private boolean closed;
    private boolean starved;
    private boolean flushPlanned;
    private long waitingBytes;

    /** Stored, and not acknowledged before their node's rate allows it; in order of time. */
    private final Deque<LateAck> lateAcks = new ArrayDeque<>();

    private long lateBytes;
    private boolean lateAckPlanned;
    private long lastHeard = System.nanoTime();
    private long framesInSecond;
    private long second = System.nanoTime();

    private record LateAck(SourceId source, ByteRange range, long at) {}

    FeedSession(FeedIntake intake, ServerWebSocket socket, NodeKey key, Optional<NodeName> owner) {
        this.intake = intake;
        this.socket = socket;
        this.key = key;
        this.owner = owner;
        this.remote = String.valueOf(socket.remoteAddress().hostAddress());
        this.outbox = new Outbox(this::send, System.nanoTime());
        socket.binaryMessageHandler(this::received);
        socket.textMessageHandler(text -> received(Buffer.buffer(text)));
        socket.pongHandler(pong -> lastHeard = System.nanoTime());
        socket.closeHandler(gone -> ended());
        socket.exceptionHandler(this::failed);
        intake.vertx.setTimer(HELLO_DEADLINE.toMillis(), late -> {
            if (node == null && !greeting) {
                close(CloseCode.POLICY, "no hello within " + HELLO_DEADLINE.toSeconds() + " seconds");
            }
        });
    }

    Optional<NodeName> node() {
        return Optional.ofNullable(node);
    }

    String remote() {
        return remote;
    }

    long lastHeard() {
        return lastHeard;
    }

    List<Progress> progress() {
        return List.copyOf(works.values());
    }

    void ping() {
        if (!closed) {
            socket.writePing(Buffer.buffer());
        }
    }

    /** Asks for no more lines; events go on. */
    void starve() {
        if (!starved) {
            starved = true;
            outbox.credit(0);
            planFlush();
        }
    }

    void feedAgain() {
        if (starved) {
            starved = false;
            outbox.credit(CREDIT_BYTES);
            planFlush();
        }
        release(Hold.STORE);
    }

    void hold(Hold hold) {
        if (holds.isEmpty()) {
            socket.pause();
            intake.counters.pauses++;
        }
        holds.add(hold);
    }

    void close(CloseCode code, String reason) {
        if (!closed) {
            ended();
            socket.close(code.code(), cut(reason));
        }
    }

    /** Netty refuses a message that is too large before it is read; any other end comes with the close handler. */
    private void failed(Throwable failure) {
        if (failure instanceof CorruptedWebSocketFrameException || failure instanceof TooLongFrameException) {
            close(CloseCode.TOO_BIG, "no message is larger than " + FrameCodec.MAX_FRAME_BYTES + " bytes");
        }
    }

    private void ended() {
        closed = true;
        intake.ended(this);
    }

    private void release(Hold hold) {
        if (holds.remove(hold) && holds.isEmpty() && !closed) {
            socket.resume();
        }
    }

    private void received(Buffer message) {
        if (closed) {
            return;
        }
        lastHeard = System.nanoTime();
        intake.counters.frames++;
        intake.counters.bytes += message.length();
        slowDown();
        try {
            handle(FrameCodec.decode(ByteBuffer.wrap(message.getBytes())), message.length() + FRAME_OVERHEAD);
        } catch (InvalidFrameException e) {
            broken(String.valueOf(e.getMessage()));
        }
    }

    private void slowDown() {
        long now = System.nanoTime();
        if (now - second > Duration.ofSeconds(1).toNanos()) {
            second = now;
            framesInSecond = 0;
        }
        framesInSecond++;
        if (framesInSecond == MAX_FRAMES_PER_SECOND) {
            hold(Hold.RATE);
            intake.vertx.setTimer(Duration.ofSeconds(1).toMillis(), next -> release(Hold.RATE));
        }
    }

    private void handle(Frame frame, long bytes) {
        NodeName from = node;
        if (from == null) {
            greet(frame);
        } else if (frame instanceof LogBatch batch) {
            store(from, batch, bytes);
        } else if (frame instanceof Event event) {
            store(from, event, bytes);
        } else if (frame instanceof SourceOpened source) {
            open(from, source, bytes);
        } else if (frame instanceof Lost lost) {
            store(from, lost, bytes);
        } else if (frame instanceof Progress progress) {
            remember(progress);
        } else {
            broken("an agent does not send this type of frame here");
        }
    }

    private void greet(Frame frame) {
        if (!(frame instanceof Hello hello)) {
            broken("the first frame must be hello");
        } else if (greeting) {
            broken("wait for the welcome");
        } else if (hello.version() != Frame.VERSION) {
            close(CloseCode.PROTOCOL_ERROR, "this collector speaks version " + Frame.VERSION + " of the feed");
        } else if (!NodeName.isNodeName(hello.node())) {
            refused(Optional.empty(), "not a node name: 1 to 253 of [A-Za-z0-9._-], letters or digits at both ends");
        } else if (owner.filter(name -> !name.value().equals(hello.node())).isPresent()) {
            refused(owner, "this node joined by another name than the one it says now");
        } else {
            bind(new NodeName(hello.node()), hello);
        }
    }

    private void bind(NodeName name, Hello hello) {
        greeting = true;
        hold(Hold.BINDING);
        whenStored(
                intake.facts.bind(name, key, hello, intake.clock.instant()), 0, binding -> bound(name, hello, binding));
    }

    private void bound(NodeName name, Hello hello, Binding binding) {
        if (binding.isRefused()) {
            refused(Optional.of(name), binding.refusal().orElse(""));
            return;
        }
        node = name;
        Optional<String> encoding = hello.encodings().stream()
                .filter(word -> Encoding.find(word)
                        .filter(known -> known != Encoding.IDENTITY && known.isHere())
                        .isPresent())
                .findFirst();
        send(new Welcome(Frame.VERSION, CREDIT_BYTES, encoding));
        intake.greeted(name, this);
        release(Hold.BINDING);
    }

    private void refused(Optional<NodeName> name, String reason) {
        intake.refusedName(name, remote, reason);
        close(CloseCode.POLICY, reason);
    }

    private void open(NodeName from, SourceOpened source, long bytes) {
        if (sources.size() >= MAX_SOURCES && !sources.containsKey(source.source())) {
            close(CloseCode.POLICY, "more than " + MAX_SOURCES + " sources on one connection");
            return;
        }
        sources.put(source.source(), source);
        whenStored(intake.lines.open(from, source, intake.clock.instant()), bytes, opened -> {});
    }

    private void store(NodeName from, LogBatch batch, long bytes) {
        SourceOpened source = sources.get(batch.source());
        if (source == null) {
            broken("the source of the batch was not announced on this connection");
            return;
        }
        Instant received = intake.clock.instant();
        // What is inflated counts as what it is in memory.
        long held = Math.max(bytes, batch.body().remaining() + FRAME_OVERHEAD);
        whenStored(intake.lines.append(from, batch, received), held, stored -> {
            ackWhenDue(from, batch.source(), new ByteRange(batch.from(), batch.to()));
            count(stored);
            intake.live.publish(from, source.container(), source.form(), batch, stored, received);
        });
    }

    private void ackWhenDue(NodeName from, SourceId source, ByteRange range) {
        long now = System.nanoTime();
        long due = intake.spend(from, range.length(), now);
        if (lateAcks.isEmpty() && due - now <= 0) {
            outbox.ack(source, range);
            planFlush();
            return;
        }
        intake.counters.lateBatches++;
        lateAcks.add(new LateAck(source, range, due));
        lateBytes += range.length();
        if (lateBytes > MAX_WAITING_BYTES) {
            // It has sent twice its credit and more: it does not heed it.
            hold(Hold.NODE_RATE);
        }
        planLateAck(due - now);
    }

    private void planLateAck(long nanos) {
        if (!lateAckPlanned) {
            lateAckPlanned = true;
            intake.vertx.setTimer(Math.max(1, nanos / 1_000_000), due -> ackLate());
        }
    }

    private void ackLate() {
        lateAckPlanned = false;
        if (closed) {
            return;
        }
        long now = System.nanoTime();
        while (!lateAcks.isEmpty() && lateAcks.peek().at() - now <= 0) {
            LateAck ack = lateAcks.remove();
            lateBytes -= ack.range().length();
            outbox.ack(ack.source(), ack.range());
        }
        planFlush();
        if (lateBytes <= CREDIT_BYTES) {
            release(Hold.NODE_RATE);
        }
        if (!lateAcks.isEmpty()) {
            planLateAck(lateAcks.peek().at() - now);
        }
    }

    private void store(NodeName from, Lost lost, long bytes) {
        if (!sources.containsKey(lost.source())) {
            broken("the source of the loss was not announced on this connection");
            return;
        }
        whenStored(intake.lines.lost(from, lost, intake.clock.instant()), bytes, stored -> {
            intake.counters.losses++;
            if (lost.to() == Lost.UNKNOWN) {
                outbox.ackLoss(lost.source(), lost.from());
            } else {
                outbox.ack(lost.source(), new ByteRange(lost.from(), lost.to()));
            }
            planFlush();
        });
    }

    private void store(NodeName from, Event event, long bytes) {
        whenStored(intake.facts.append(from, event, intake.clock.instant()), bytes, isNew -> {
            if (isNew) {
                intake.counters.events++;
            }
            outbox.ack(event.spool(), event.seq());
            planFlush();
        });
    }

    /** A piece of work that is done, or of another kind than the last one of its name, replaces the one before. */
    private void remember(Progress progress) {
        String work = progress.work() + '\n' + progress.about();
        works.remove(work);
        if (works.size() >= MAX_WORKS) {
            works.remove(works.keySet().iterator().next());
        }
        works.put(work, progress);
    }

    private void count(List<ByteRange> stored) {
        if (stored.isEmpty()) {
            intake.counters.duplicateBatches++;
        }
        intake.counters.linesBytes +=
                stored.stream().mapToLong(ByteRange::length).sum();
    }

    /** Goes on with {@code next} on the event loop once the store has it on disk; without the disk there is no ack. */
    private <T> void whenStored(CompletionStage<T> write, long bytes, Consumer<T> next) {
        waitingBytes += bytes;
        if (waitingBytes > MAX_WAITING_BYTES) {
            hold(Hold.OVERRUN);
        }
        intake.waiting(this, bytes);
        write.whenComplete((result, failure) -> intake.context.runOnContext(onLoop -> {
            waitingBytes -= bytes;
            if (waitingBytes <= CREDIT_BYTES) {
                release(Hold.OVERRUN);
            }
            intake.written(bytes);
            if (closed) {
                return;
            }
            if (failure == null) {
                next.accept(result);
            } else {
                LOG.warn("Node {} was asked to come again later: {}", node, failure.getMessage());
                close(CloseCode.TRY_AGAIN_LATER, "the store cannot write now; come again later");
            }
        }));
    }

    /** Acks of one group commit arrive together; the flush runs behind the last of them. */
    private void planFlush() {
        if (!flushPlanned) {
            flushPlanned = true;
            intake.context.runOnContext(now -> flush());
        }
    }

    private void flush() {
        flushPlanned = false;
        if (closed) {
            return;
        }
        outbox.flush(System.nanoTime()).ifPresent(nanos -> {
            flushPlanned = true;
            intake.vertx.setTimer(Math.max(1, nanos / 1_000_000), later -> flush());
        });
    }

    private void send(Frame frame) {
        ByteBuffer bytes = FrameCodec.encode(frame);
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        socket.writeBinaryMessage(Buffer.buffer(copy));
    }

    private void broken(String reason) {
        intake.counters.brokenFrames++;
        LOG.warn("Closed the feed of {} from {}: {}", node == null ? "an unknown node" : node, remote, reason);
        close(CloseCode.PROTOCOL_ERROR, reason);
    }

    /** At a character, not within one. */
    private static String cut(String reason) {
        String fits = reason;
        while (fits.getBytes(StandardCharsets.UTF_8).length > MAX_REASON_BYTES) {
            fits = fits.substring(0, fits.length() - 1);
        }
        return fits;
    }
}
