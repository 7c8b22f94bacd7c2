package io.farrier.collector.store;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.farrier.feed.Frame.Form;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A stored line as people read it. The writer is hostile: what is not in its form is shown as plain text, and what is
 * too long is cut.
 *
 * @param time as the runtime wrote it, never interpreted here
 * @param stream {@code stdout} or {@code stderr}
 * @param partial a piece of a longer line, which goes on in the next line of the same stream
 * @param cut longer than {@link #MAX_SHOWN} characters
 */
public record LineText(Optional<String> time, Optional<String> stream, String text, boolean partial, boolean cut) {
    /** Docker and CRI runtimes split at 16 KiB already; only plain files can have longer lines. */
    public static final int MAX_SHOWN = 32 << 10;

    /** A line that its writer printed as one, and its runtime cut. */
    public static final int MAX_JOINED = 2 << 20;

    private static final int MAX_TIME_LENGTH = 40;
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(16)
                    .maxStringLength(4 << 20)
                    .build())
            .build();

    /** {@code <RFC3339Nano> <stream> <tags> <content>}, containerd pkg/cri/io/logger.go. */
    private static final Pattern CRI =
            Pattern.compile("(\\S{1," + MAX_TIME_LENGTH + "}) (stdout|stderr) ([A-Z](?::[A-Z])*) (.*)", Pattern.DOTALL);

    /** @param raw one line without its line feed */
    public static LineText of(Form form, byte[] raw) {
        return switch (form) {
            case DOCKER -> docker(raw).orElseGet(() -> plain(raw));
            case CRI -> cri(raw);
            case PLAIN -> plain(raw);
        };
    }

    /** {@code {"log":"...\n","stream":"stdout","time":"RFC3339Nano"}}, moby daemon/logger/jsonfilelog. */
    private static Optional<LineText> docker(byte[] raw) {
        String log = null;
        String stream = null;
        String time = null;
        try (JsonParser json = JSON.createParser(raw)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                JsonToken value = json.nextToken();
                if (value == JsonToken.VALUE_STRING && field.equals("log")) {
                    log = json.getText();
                } else if (value == JsonToken.VALUE_STRING && field.equals("stream")) {
                    stream = json.getText();
                } else if (value == JsonToken.VALUE_STRING && field.equals("time")) {
                    time = json.getText();
                } else {
                    json.skipChildren();
                }
            }
        } catch (IOException notDockersForm) {
            return Optional.empty();
        }
        if (log == null) {
            return Optional.empty();
        }
        boolean whole = log.endsWith("\n");
        return Optional.of(shown(
                Optional.ofNullable(time).filter(t -> t.length() <= MAX_TIME_LENGTH),
                Optional.ofNullable(stream).filter(s -> s.equals("stdout") || s.equals("stderr")),
                whole ? log.substring(0, log.length() - 1) : log,
                !whole));
    }

    private static LineText cri(byte[] raw) {
        String text = new String(raw, StandardCharsets.UTF_8);
        Matcher parts = CRI.matcher(text);
        if (!parts.matches()) {
            return plain(raw);
        }
        return shown(
                Optional.of(parts.group(1)),
                Optional.of(parts.group(2)),
                parts.group(4),
                parts.group(3).startsWith("P"));
    }

    /** One line of its pieces, with the time of the first; cut beyond {@link #MAX_JOINED} characters. */
    static LineText join(List<LineText> pieces) {
        LineText first = pieces.get(0);
        if (pieces.size() == 1) {
            return first;
        }
        StringBuilder text = new StringBuilder();
        boolean cut = false;
        for (LineText piece : pieces) {
            cut |= piece.cut || text.length() + piece.text.length() > MAX_JOINED;
            text.append(piece.text, 0, Math.min(piece.text.length(), MAX_JOINED - text.length()));
        }
        return new LineText(first.time, first.stream, text.toString(), pieces.get(pieces.size() - 1).partial, cut);
    }

    private static LineText plain(byte[] raw) {
        return shown(Optional.empty(), Optional.empty(), new String(raw, StandardCharsets.UTF_8), false);
    }

    private static LineText shown(Optional<String> time, Optional<String> stream, String text, boolean partial) {
        boolean cut = text.length() > MAX_SHOWN;
        return new LineText(time, stream, cut ? text.substring(0, MAX_SHOWN) : text, partial, cut);
    }
}
