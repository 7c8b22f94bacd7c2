package io.farrier.collector.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.collector.identity.NodeName;
import io.farrier.collector.store.LineText;
import io.farrier.collector.store.StoredLine;
import io.farrier.feed.SourceId;
import java.time.Instant;

/** A log line as the API and the live page give it. */
final class LineJson {
    private LineJson() {}

    static ObjectNode of(StoredLine line) {
        ObjectNode json = Json.object();
        json.put("id", line.id());
        describe(json, line.node(), line.container(), line.source(), line.offset(), line.received(), line.line());
        return joined(json, line.lines());
    }

    /** @param lines how many it is made of */
    static ObjectNode joined(ObjectNode json, int lines) {
        return lines > 1 ? json.put("lines", lines) : json;
    }

    /** A line that has just been stored; it has no id yet that its reader could page by. */
    static ObjectNode of(
            NodeName node, String container, SourceId source, long offset, Instant received, LineText line) {
        return describe(Json.object(), node, container, source, offset, received, line);
    }

    private static ObjectNode describe(
            ObjectNode json,
            NodeName node,
            String container,
            SourceId source,
            long offset,
            Instant received,
            LineText line) {
        json.put("node", node.value());
        json.put("container", container);
        json.put("source", source.value());
        json.put("offset", offset);
        json.put("received", received.toString());
        line.time().ifPresent(time -> json.put("time", time));
        line.stream().ifPresent(stream -> json.put("stream", stream));
        json.put("text", line.text());
        if (line.partial()) {
            json.put("partial", true);
        }
        if (line.cut()) {
            json.put("cut", true);
        }
        return json;
    }
}
