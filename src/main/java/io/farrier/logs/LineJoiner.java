package io.farrier.logs;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Makes lines of a file's records: Docker's JSON objects, CRI's {@code time stream tags content}, else what stands
 * there. Runtimes split lines at 16 KiB, and stdout and stderr lie interleaved, so each stream has its own unfinished
 * line.
 */
public final class LineJoiner {
    /** What is longer comes in pieces of this. */
    private static final int MAX_LINE_BYTES = 4 << 20;

    private static final int CRI_FIELDS = 4;
    private static final JsonMapper JSON = new JsonMapper();

    private final Consumer<LogLine> lines;
    private final Map<String, Unfinished> unfinished = new TreeMap<>();

    public LineJoiner(Consumer<LogLine> lines) {
        this.lines = lines;
    }

    private record Unfinished(String time, ByteArrayOutputStream text) {}

    /**
     * @param more false when the container ended its line here
     * @param content raw bytes: a character may be cut at the end of a piece
     */
    private record Piece(String time, String stream, byte[] content, boolean more) {}

    /** @param record one line of the file, without its line feed */
    void add(byte[] record) {
        Piece piece = (record.length > 0 && record[0] == '{' ? docker(record) : cri(record))
                .orElseGet(() -> new Piece("", "", record, false));
        add(piece.time(), piece.stream(), piece.content(), !piece.more());
    }

    /**
     * @param text raw bytes, without a line's end: a character may be cut at the end of a piece
     * @param isWhole whether the container ended its line here
     */
    public void add(String time, String stream, byte[] text, boolean isWhole) {
        Unfinished line =
                unfinished.computeIfAbsent(stream, first -> new Unfinished(time, new ByteArrayOutputStream()));
        line.text().writeBytes(text);
        if (isWhole || line.text().size() >= MAX_LINE_BYTES) {
            finish(stream);
        }
    }

    /** Nothing more will come: what is unfinished is all there is. */
    public void end() {
        for (String stream : List.copyOf(unfinished.keySet())) {
            finish(stream);
        }
    }

    private void finish(String stream) {
        Unfinished line = unfinished.remove(stream);
        if (line != null) {
            lines.accept(new LogLine(line.time(), stream, line.text().toString(UTF_8)));
        }
    }

    /** Docker sets no flag: a piece that goes on has no line feed at its end. */
    private static Optional<Piece> docker(byte[] record) {
        try {
            JsonNode json = JSON.readTree(record);
            JsonNode log = json.path("log");
            if (!log.isTextual()) {
                return Optional.empty();
            }
            String text = log.textValue();
            boolean ends = text.endsWith("\n");
            String content = ends ? text.substring(0, text.length() - 1) : text;
            return Optional.of(new Piece(
                    json.path("time").asText(), json.path("stream").asText(), content.getBytes(UTF_8), !ends));
        } catch (IOException torn) {
            return Optional.empty();
        }
    }

    private static Optional<Piece> cri(byte[] record) {
        int[] ends = new int[CRI_FIELDS - 1];
        int fields = 0;
        for (int i = 0; i < record.length && fields < ends.length; i++) {
            if (record[i] == ' ') {
                ends[fields++] = i;
            }
        }
        if (fields < ends.length) {
            return Optional.empty();
        }
        String time = text(record, 0, ends[0]);
        String stream = text(record, ends[0] + 1, ends[1]);
        String tags = text(record, ends[1] + 1, ends[2]);
        boolean isCri =
                (stream.equals("stdout") || stream.equals("stderr")) && (tags.startsWith("P") || tags.startsWith("F"));
        if (!isCri) {
            return Optional.empty();
        }
        byte[] content = Arrays.copyOfRange(record, ends[2] + 1, record.length);
        return Optional.of(new Piece(time, stream, content, tags.startsWith("P")));
    }

    private static String text(byte[] record, int from, int to) {
        return new String(record, from, to - from, UTF_8);
    }
}
