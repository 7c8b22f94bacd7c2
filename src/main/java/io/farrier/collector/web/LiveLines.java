package io.farrier.collector.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.collector.identity.NodeName;
import io.farrier.collector.store.LineText;
import io.farrier.feed.ByteRange;
import io.farrier.feed.Frame.Form;
import io.farrier.feed.Frame.LogBatch;
import io.farrier.feed.SourceId;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
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

    private final Set<Reader> readers = new LinkedHashSet<>();

    private static final class Reader {
        final HttpServerResponse response;
        final Optional<String> node;
        final Optional<String> container;
        final String text;
        int linesThisSecond;
        long skipped;

        Reader(HttpServerResponse response, Optional<String> node, Optional<String> container, String text) {
            this.response = response;
            this.node = node;
            this.container = container;
            this.text = text;
        }

        boolean wants(NodeName ofNode, String ofContainer) {
            return node.filter(name -> !name.equals(ofNode.value())).isEmpty()
                    && container.filter(name -> !name.equals(ofContainer)).isEmpty();
        }

        boolean isFull() {
            return linesThisSecond >= MAX_LINES_PER_SECOND || response.writeQueueFull();
        }

        void send(String event, ObjectNode data) {
            response.write("event: " + event + "\ndata: " + Json.write(data) + "\n\n");
        }

        void nextSecond() {
            linesThisSecond = 0;
            if (skipped > 0 && !response.writeQueueFull()) {
                send("skipped", Json.object().put("lines", skipped));
                skipped = 0;
            }
        }
    }

    public LiveLines(Vertx vertx) {
        vertx.setPeriodic(SECOND_MILLIS, tick -> readers.forEach(Reader::nextSecond));
        vertx.setPeriodic(HEARTBEAT_MILLIS, tick -> readers.forEach(reader -> reader.response.write(":\n\n")));
    }

    void open(RoutingContext request) {
        HttpServerResponse response = request.response();
        if (readers.size() >= MAX_READERS) {
            response.setStatusCode(503).end("Already " + MAX_READERS + " readers watch live lines.\n");
            return;
        }
        Reader reader = new Reader(
                response,
                parameter(request, "node"),
                parameter(request, "container"),
                parameter(request, "q").orElse(""));
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
