package io.farrier.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.transport.HttpStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** The JSON objects of a stream, one a line. */
final class JsonLines {
    /** An event carries all labels of a container; a line beyond this is no line of dockerd's. */
    private static final int MAX_LINE_BYTES = 1024 * 1024;

    private final HttpStream stream;
    private final Duration idle;
    private byte[] chunk = new byte[0];
    private int at;

    /** @param idle how long the daemon may say nothing between two lines */
    JsonLines(HttpStream stream, Duration idle) {
        this.stream = stream;
        this.idle = idle;
    }

    /** The next object; empty at the end of the stream. */
    Optional<JsonNode> next() throws IOException {
        return next(idle);
    }

    /** The same with another patience, for this line only. */
    Optional<JsonNode> next(Duration idle) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (fill(idle)) {
            int end = lineEnd();
            line.write(chunk, at, end - at);
            boolean whole = end < chunk.length;
            at = whole ? end + 1 : end;
            if (line.size() > MAX_LINE_BYTES) {
                throw new IOException(stream + " sent a line of more than " + MAX_LINE_BYTES + " bytes.");
            }
            if (whole && !blank(line)) {
                return Optional.of(parse(line));
            }
        }
        return blank(line) ? Optional.empty() : Optional.of(parse(line));
    }

    private boolean fill(Duration idle) throws IOException {
        if (at < chunk.length) {
            return true;
        }
        Optional<byte[]> more = stream.read(idle);
        chunk = more.orElse(new byte[0]);
        at = 0;
        return more.isPresent();
    }

    private int lineEnd() {
        int end = at;
        while (end < chunk.length && chunk[end] != '\n') {
            end++;
        }
        return end;
    }

    private static boolean blank(ByteArrayOutputStream line) {
        return line.toString(java.nio.charset.StandardCharsets.UTF_8).isBlank();
    }

    private JsonNode parse(ByteArrayOutputStream line) throws IOException {
        try {
            return DockerApi.Json.MAPPER.readTree(line.toByteArray());
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IOException(stream + " sent a line that is not JSON: " + e.getOriginalMessage(), e);
        }
    }
}
