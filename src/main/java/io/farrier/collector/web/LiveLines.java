package io.farrier.collector.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.collector.identity.NodeName;
import io.farrier.collector.store.Joining;
import io.farrier.collector.store.LineText;
import io.farrier.collector.store.RecordJoiner;
import io.farrier.config.CollectorConfig.Lines;
import io.farrier.feed.ByteRange;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.Frame.LogBatch;
import io.farrier.feed.SourceId;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code GET /api/logs/live}: lines as they are stored, as server-sent events. A reader that is too slow, or a flood,
 * loses lines here, counted in {@code event: skipped}; the store has them. One event loop.
 */
public final class LiveLines {
    /** People who watch at the same time. */
    static final int MAX_READERS = 64;

    /** What one reader is sent per second; nobody reads faster. */
    static final int MAX_LINES_PER_SECOND = 500;

    private static final long HEARTBEAT_MILLIS = 15_000;
    private static final long SECOND_MILLIS = 1_000;
    private static final int MAX_FILTER_LENGTH = 256;

    /** Lines that are looked at for one reader's joining in a second: each costs a look at every pattern. */
    static final int MAX_JOINED_PER_SECOND = 2_000;

    /** Sources whose lines one reader's joining holds back; of those beyond, the lines go as they come. */
    private static final int MAX_JOINED_SOURCES = 256;

    /** What one reader's joining holds back; beyond that all is sent, joined or not. */
    private static final int MAX_HELD_CHARS = 512 << 10;

    /** A record is sent when its source was silent for so long, or another one begins. */
    private static final long JOIN_SILENCE_MILLIS = SECOND_MILLIS;

    private final Lines shown;
    private final Set<Reader> readers = new LinkedHashSet<>();

    private record SourceKey(NodeName node, SourceId source) {}

    private static final class Reader {
        final HttpServerResponse response;
        final Optional<String> node;
        final Optional<String> container;
        final String text;
        final Optional<Joining> joining;
        final Map<SourceKey, RecordJoiner> joiners = new HashMap<>();
        long heldChars;
        int joinedThisSecond;
        int linesThisSecond;
        long skipped;

        Reader(
                HttpServerResponse response,
                Optional<String> node,
                Optional<String> container,
                String text,
                Optional<Joining> joining) {
            this.joining = joining;
            this.response = response;
            this.node = node;
            this.container = container;
            this.text = text;
        }

        boolean wants(NodeName ofNode, String ofContainer) {
            return node.filter(name -> !name.equals(ofNode.value())).isEmpty()
                    && container.filter(name -> !name.equals(ofContainer)).isEmpty();
        }

        /** @return empty when its lines go as they come */
        Optional<RecordJoiner> joiner(NodeName ofNode, String ofContainer, SourceId source) {
            if (joining.isEmpty()) {
                return Optional.empty();
            }
            SourceKey key = new SourceKey(ofNode, source);
            if (!joiners.containsKey(key) && joiners.size() >= MAX_JOINED_SOURCES) {
                return Optional.empty();
            }
            return Optional.of(joiners.computeIfAbsent(
                    key,
                    first -> new RecordJoiner(
                            joining.get(), ofContainer, record -> sendRecord(ofNode, ofContainer, source, record))));
        }

        void join(RecordJoiner joiner, long offset, Instant received, LineText line) {
            joinedThisSecond++;
            heldChars += line.text().length();
            joiner.add(0, offset, received.toEpochMilli(), line);
            if (heldChars > MAX_HELD_CHARS) {
                finishRecords(Long.MAX_VALUE);
            }
        }

        private void sendRecord(NodeName ofNode, String ofContainer, SourceId source, RecordJoiner.Joined record) {
            heldChars -= record.text().text().length();
            if (!record.contains(text)) {
                return;
            }
            if (isFull()) {
                skipped += record.lines();
                return;
            }
            linesThisSecond++;
            Instant received = Instant.ofEpochMilli(record.received());
            ObjectNode json = LineJson.of(ofNode, ofContainer, source, record.offset(), received, record.text());
            send("line", LineJson.joined(json, record.lines()));
        }

        /** Whoever was silent has finished what it wrote. */
        void finishRecords(long before) {
            joiners.values().forEach(joiner -> joiner.finishBefore(before));
            joiners.values().removeIf(RecordJoiner::isEmpty);
            heldChars = joiners.isEmpty() ? 0 : Math.max(0, heldChars);
        }

        boolean isFull() {
            return linesThisSecond >= MAX_LINES_PER_SECOND || response.writeQueueFull();
        }

        void send(String event, ObjectNode data) {
            response.write("event: " + event + "\ndata: " + Json.write(data) + "\n\n");
        }

        void nextSecond() {
            linesThisSecond = 0;
            joinedThisSecond = 0;
            if (skipped > 0 && !response.writeQueueFull()) {
                send("skipped", Json.object().put("lines", skipped));
                skipped = 0;
            }
        }
    }

    /** @param shown how lines may be joined */
    public LiveLines(Vertx vertx, Clock clock, Lines shown) {
        this.shown = shown;
        vertx.setPeriodic(SECOND_MILLIS, tick -> {
            long silentSince = clock.millis() - JOIN_SILENCE_MILLIS;
            readers.forEach(Reader::nextSecond);
            readers.forEach(reader -> reader.finishRecords(silentSince));
        });
        vertx.setPeriodic(HEARTBEAT_MILLIS, tick -> readers.forEach(reader -> reader.response.write(":\n\n")));
    }

    void open(RoutingContext request) {
        HttpServerResponse response = request.response();
        if (readers.size() >= MAX_READERS) {
            response.setStatusCode(503).end("Already " + MAX_READERS + " readers watch live lines.\n");
            return;
        }
        Optional<Joining> joining;
        try {
            joining = parameter(request, "join").map(name -> Joining.named(name, shown));
        } catch (IllegalArgumentException e) {
            response.setStatusCode(400).end(e.getMessage() + ".\n");
            return;
        }
        Reader reader = new Reader(
                response,
                parameter(request, "node"),
                parameter(request, "container"),
                parameter(request, "q").orElse(""),
                joining);
        response.setChunked(true).putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream");
        response.closeHandler(closed -> readers.remove(reader));
        response.exceptionHandler(broken -> readers.remove(reader));
        readers.add(reader);
        response.write(":\n\n");
    }

    /** @param stored the parts of the batch that were new */
    public void publish(
            NodeName node, String container, Form form, LogBatch batch, List<ByteRange> stored, Instant received) {
        List<Reader> interested =
                readers.stream().filter(reader -> reader.wants(node, container)).toList();
        if (interested.isEmpty()) {
            return;
        }
        for (ByteRange part : stored) {
            ByteBuffer bytes = batch.body()
                    .slice(batch.body().position() + (int) (part.from() - batch.from()), (int) part.length());
            while (bytes.hasRemaining()) {
                long offset = part.from() + bytes.position();
                publishLine(interested, node, container, form, batch.source(), offset, nextLine(bytes), received);
            }
        }
    }

    private static void publishLine(
            List<Reader> readers,
            NodeName node,
            String container,
            Form form,
            SourceId source,
            long offset,
            byte[] raw,
            Instant received) {
        LineText decoded = null;
        for (Reader reader : readers) {
            if (reader.joinedThisSecond >= MAX_JOINED_PER_SECOND) {
                reader.skipped++;
                continue;
            }
            Optional<RecordJoiner> joiner = reader.joiner(node, container, source);
            if (joiner.isPresent()) {
                decoded = decoded == null ? LineText.of(form, raw) : decoded;
                reader.join(joiner.get(), offset, received, decoded);
                continue;
            }
            if (reader.isFull()) {
                reader.skipped++;
                continue;
            }
            decoded = decoded == null ? LineText.of(form, raw) : decoded;
            if (decoded.text().contains(reader.text)) {
                reader.linesThisSecond++;
                reader.send("line", LineJson.of(node, container, source, offset, received, decoded));
            }
        }
    }

    private static byte[] nextLine(ByteBuffer bytes) {
        int end = bytes.position();
        while (end < bytes.limit() && bytes.get(end) != '\n') {
            end++;
        }
        byte[] line = new byte[end - bytes.position()];
        bytes.get(line);
        if (bytes.hasRemaining()) {
            bytes.get();
        }
        return line;
    }

    private static Optional<String> parameter(RoutingContext request, String name) {
        List<String> values = request.queryParam(name);
        return values.isEmpty() || values.get(0).isEmpty() || values.get(0).length() > MAX_FILTER_LENGTH
                ? Optional.empty()
                : Optional.of(values.get(0));
    }
}
