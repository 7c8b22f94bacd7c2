package io.farrier.feed;

import com.fasterxml.jackson.core.JsonGenerator;
import io.farrier.feed.Frame.Ack;
import io.farrier.feed.Frame.Credit;
import io.farrier.feed.Frame.Event;
import io.farrier.feed.Frame.Hello;
import io.farrier.feed.Frame.LogBatch;
import io.farrier.feed.Frame.Lost;
import io.farrier.feed.Frame.Progress;
import io.farrier.feed.Frame.SourceOpened;
import io.farrier.feed.Frame.Welcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Frames to bytes and back. A message is one line of JSON (the header, ended by {@code \n}) and then, for a log batch,
 * the raw lines or their compressed form. Fields and types that are not known: fields are ignored, types refused.
 */
public final class FrameCodec {
    /** Larger messages are refused unread: a batch is at most a slab of 256 KiB, or one longer line. */
    public static final int MAX_FRAME_BYTES = 4 << 20;

    /** Room for the container table of a full node (about 250 containers of 2 KiB) and then some. */
    public static final int MAX_HEADER_BYTES = 1 << 20;

    /** The most lines a batch can carry: the body of the largest frame beside its header. */
    public static final int MAX_BODY_BYTES = MAX_FRAME_BYTES - (4 << 10);

    /** What an agent accepts from a collector. */
    public static final int MAX_CONTROL_BYTES = 4 << 10;

    /** Keeps an ack below {@link #MAX_CONTROL_BYTES}, whatever the offsets. */
    public static final int MAX_ACK_RANGES = 64;

    private FrameCodec() {}

    public static ByteBuffer encode(Frame frame) {
        return encode(frame, Encoding.IDENTITY);
    }

    /**
     * @param encoding for the body of a log batch; a batch that it would not make smaller stays as it is
     * @throws IllegalArgumentException when the frame is larger than the feed allows
     */
    public static ByteBuffer encode(Frame frame, Encoding encoding) {
        ByteBuffer message = frame instanceof LogBatch batch ? encodeBatch(batch, encoding) : header(frame);
        if (message.remaining() > MAX_FRAME_BYTES) {
            throw new IllegalArgumentException("a frame of " + message.remaining() + " bytes is larger than "
                    + MAX_FRAME_BYTES + ", the most the feed carries");
        }
        return message;
    }

    /** @throws InvalidFrameException for anything that is not exactly one frame within its bounds */
    public static Frame decode(ByteBuffer message) throws InvalidFrameException {
        if (message.remaining() > MAX_FRAME_BYTES) {
            throw new InvalidFrameException(
                    "a message of " + message.remaining() + " bytes is larger than " + MAX_FRAME_BYTES);
        }
        ByteBuffer rest = message.duplicate();
        Header header = Header.parse(headLine(rest));
        Frame frame = frame(header, rest);
        if (rest.hasRemaining()) {
            throw new InvalidFrameException(rest.remaining() + " bytes follow the header of a '" + header.type()
                    + "' frame, which has no body");
        }
        return frame;
    }

    private static Frame frame(Header header, ByteBuffer rest) throws InvalidFrameException {
        return switch (header.type()) {
            case "hello" -> hello(header);
            case "source" -> source(header);
            case "logs" -> logs(header, rest);
            case "lost" -> lost(header);
            case "event" -> event(header);
            case "progress" -> progress(header);
            case "welcome" -> welcome(header);
            case "ack" -> ack(header);
            case "credit" -> new Credit(header.count("bytes"));
            default ->
                throw new InvalidFrameException("the type of the frame is not known to version " + Frame.VERSION);
        };
    }

    /** Takes the header off the front of {@code message}, with its line feed. */
    private static ByteBuffer headLine(ByteBuffer message) throws InvalidFrameException {
        int start = message.position();
        int end = Math.min(message.limit(), start + MAX_HEADER_BYTES);
        for (int at = start; at < end; at++) {
            if (message.get(at) == '\n') {
                message.position(at + 1);
                return message.slice(start, at - start);
            }
        }
        throw new InvalidFrameException("no line feed ends the header within " + (end - start) + " bytes");
    }

    private static Frame hello(Header header) throws InvalidFrameException {
        return new Hello(
                header.version(),
                header.text("node", Header.MAX_NAME),
                header.text("agent", Header.MAX_NAME),
                header.text("boot", Header.MAX_NAME),
                header.words("encodings"),
                header.labels("labels"));
    }

    private static Frame welcome(Header header) throws InvalidFrameException {
        return new Welcome(header.version(), header.count("credit"), header.optionalText("encoding", Header.MAX_NAME));
    }

    private static Frame source(Header header) throws InvalidFrameException {
        return new SourceOpened(
                header.source(),
                header.word("form", Frame.Form.class),
                header.text("container", Header.MAX_NAME),
                header.labels("labels"));
    }

    private static Frame logs(Header header, ByteBuffer body) throws InvalidFrameException {
        ByteRange range = header.range();
        if (range.length() > MAX_BODY_BYTES) {
            throw new InvalidFrameException("a batch of " + range.length() + " bytes is larger than " + MAX_BODY_BYTES);
        }
        int lines = (int) header.count("lines", range.length());
        return new LogBatch(header.source(), range.from(), range.to(), lines, body(header, body, (int) range.length()));
    }

    private static ByteBuffer body(Header header, ByteBuffer body, int length) throws InvalidFrameException {
        String word = header.optionalText("encoding", Header.MAX_NAME).orElse(Encoding.IDENTITY.word());
        Encoding encoding = Encoding.find(word)
                .orElseThrow(() -> new InvalidFrameException("the encoding of the batch is not known"));
        ByteBuffer taken = body.slice();
        body.position(body.limit());
        if (encoding != Encoding.IDENTITY) {
            return encoding == Encoding.DEFLATE ? Deflate.inflate(taken, length) : Zstandard.decompress(taken, length);
        }
        if (taken.remaining() != length) {
            throw new InvalidFrameException(
                    "the body holds " + taken.remaining() + " bytes, but from and to say " + length);
        }
        return taken;
    }

    private static Frame lost(Header header) throws InvalidFrameException {
        long from = header.count("from");
        long to = header.number("to", Lost.UNKNOWN, Long.MAX_VALUE);
        if (to != Lost.UNKNOWN && to <= from) {
            throw new InvalidFrameException("a loss from " + from + " to " + to + " is empty");
        }
        return new Lost(header.source(), from, to, header.text("reason", Header.MAX_TEXT), header.instant("at"));
    }

    private static Frame event(Header header) throws InvalidFrameException {
        return new Event(
                header.text("spool", Header.MAX_NAME),
                header.count("seq"),
                header.word("topic", Frame.Topic.class),
                header.instant("at"),
                header.object("data"));
    }

    private static Frame progress(Header header) throws InvalidFrameException {
        return new Progress(
                header.text("work", Header.MAX_NAME),
                header.text("about", Header.MAX_TEXT),
                header.count("done"),
                header.count("total"),
                header.text("note", Header.MAX_TEXT));
    }

    private static Frame ack(Header header) throws InvalidFrameException {
        Optional<String> spool = header.optionalText("spool", Header.MAX_NAME);
        if (spool.isPresent()) {
            return Ack.of(spool.get(), header.count("seq"));
        }
        if (header.has("lost")) {
            return Ack.ofLosses(header.source(), header.counts("lost", MAX_ACK_RANGES));
        }
        return Ack.of(header.source(), header.ranges("ranges", MAX_ACK_RANGES));
    }

    private static ByteBuffer encodeBatch(LogBatch batch, Encoding encoding) {
        ByteBuffer packed = packed(batch.body(), encoding);
        boolean isSmaller = packed.remaining() < batch.body().remaining();
        ByteBuffer body = isSmaller ? packed : batch.body().duplicate();
        ByteBuffer head = header(batch, isSmaller ? encoding : Encoding.IDENTITY);
        return ByteBuffer.allocate(head.remaining() + body.remaining())
                .put(head)
                .put(body)
                .flip();
    }

    private static ByteBuffer packed(ByteBuffer plain, Encoding encoding) {
        return switch (encoding) {
            case IDENTITY -> plain;
            case DEFLATE -> ByteBuffer.wrap(Deflate.deflate(plain));
            case ZSTD -> Zstandard.compress(plain);
        };
    }

    private static ByteBuffer header(Frame frame) {
        return header(frame, Encoding.IDENTITY);
    }

    /** @param encoding of the body that follows */
    private static ByteBuffer header(Frame frame, Encoding encoding) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (JsonGenerator json = Header.JSON.createGenerator(bytes)) {
            json.writeStartObject();
            write(json, frame, encoding);
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory took no bytes", impossible);
        }
        bytes.write('\n');
        if (bytes.size() > MAX_HEADER_BYTES) {
            throw new IllegalArgumentException("a header of " + bytes.size() + " bytes is larger than "
                    + MAX_HEADER_BYTES + ", the most the feed carries");
        }
        return ByteBuffer.wrap(bytes.toByteArray());
    }

    private static void write(JsonGenerator json, Frame frame, Encoding encoding) throws IOException {
        if (frame instanceof Hello hello) {
            start(json, hello.version(), "hello");
            json.writeStringField("node", hello.node());
            json.writeStringField("agent", hello.agent());
            json.writeStringField("boot", hello.boot());
            json.writeArrayFieldStart("encodings");
            for (String word : hello.encodings()) {
                json.writeString(word);
            }
            json.writeEndArray();
            labels(json, hello.labels());
        } else if (frame instanceof Welcome welcome) {
            start(json, welcome.version(), "welcome");
            json.writeNumberField("credit", welcome.credit());
            if (welcome.encoding().isPresent()) {
                json.writeStringField("encoding", welcome.encoding().get());
            }
        } else if (frame instanceof SourceOpened source) {
            start(json, Frame.VERSION, "source");
            json.writeStringField("source", source.source().value());
            json.writeStringField("form", word(source.form()));
            json.writeStringField("container", source.container());
            labels(json, source.labels());
        } else if (frame instanceof LogBatch batch) {
            start(json, Frame.VERSION, "logs");
            json.writeStringField("source", batch.source().value());
            json.writeNumberField("from", batch.from());
            json.writeNumberField("to", batch.to());
            json.writeNumberField("lines", batch.lines());
            if (encoding != Encoding.IDENTITY) {
                json.writeStringField("encoding", encoding.word());
            }
        } else if (frame instanceof Lost lost) {
            start(json, Frame.VERSION, "lost");
            json.writeStringField("source", lost.source().value());
            json.writeNumberField("from", lost.from());
            json.writeNumberField("to", lost.to());
            json.writeStringField("reason", lost.reason());
            json.writeStringField("at", lost.at().toString());
        } else if (frame instanceof Event event) {
            start(json, Frame.VERSION, "event");
            json.writeStringField("spool", event.spool());
            json.writeNumberField("seq", event.seq());
            json.writeStringField("topic", word(event.topic()));
            json.writeStringField("at", event.at().toString());
            json.writeFieldName("data");
            json.writeTree(event.data());
        } else if (frame instanceof Progress progress) {
            start(json, Frame.VERSION, "progress");
            json.writeStringField("work", progress.work());
            json.writeStringField("about", progress.about());
            json.writeNumberField("done", progress.done());
            json.writeNumberField("total", progress.total());
            json.writeStringField("note", progress.note());
        } else if (frame instanceof Ack ack) {
            start(json, Frame.VERSION, "ack");
            writeAck(json, ack);
        } else if (frame instanceof Credit credit) {
            start(json, Frame.VERSION, "credit");
            json.writeNumberField("bytes", credit.bytes());
        }
    }

    private static void start(JsonGenerator json, int version, String type) throws IOException {
        json.writeNumberField("v", version);
        json.writeStringField("type", type);
    }

    private static void writeAck(JsonGenerator json, Ack ack) throws IOException {
        if (ack.spool().isPresent()) {
            json.writeStringField("spool", ack.spool().get());
            json.writeNumberField("seq", ack.seq());
            return;
        }
        int pieces = Math.max(ack.ranges().size(), ack.lost().size());
        if (pieces > MAX_ACK_RANGES) {
            throw new IllegalArgumentException(
                    "an ack of " + pieces + " ranges; send several of at most " + MAX_ACK_RANGES);
        }
        json.writeStringField("source", ack.source().orElseThrow().value());
        if (!ack.lost().isEmpty()) {
            json.writeArrayFieldStart("lost");
            for (long from : ack.lost()) {
                json.writeNumber(from);
            }
            json.writeEndArray();
            return;
        }
        json.writeArrayFieldStart("ranges");
        for (ByteRange range : ack.ranges()) {
            json.writeStartArray();
            json.writeNumber(range.from());
            json.writeNumber(range.to());
            json.writeEndArray();
        }
        json.writeEndArray();
    }

    private static void labels(JsonGenerator json, Map<String, String> labels) throws IOException {
        json.writeObjectFieldStart("labels");
        for (Map.Entry<String, String> label : new TreeMap<>(labels).entrySet()) {
            json.writeStringField(label.getKey(), label.getValue());
        }
        json.writeEndObject();
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
