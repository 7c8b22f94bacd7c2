package io.farrier.feed;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The JSON line of a message, read field by field. What it quotes in errors are our names for fields, never their values. */
final class Header {
    /** Names of nodes, spools, containers: as long as a file name may be, twice. */
    static final int MAX_NAME = 512;

    /** Reasons and notes, in a runtime's own words. */
    static final int MAX_TEXT = 8 << 10;

    private static final int MAX_LABELS = 256;
    private static final int MAX_WORDS = 16;
    private static final int MAX_VERSION = 1000;

    static final JsonMapper JSON = JsonMapper.builder(HeaderJson.FACTORY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final JsonNode fields;
    private final String type;
    private final int version;

    private Header(JsonNode fields) throws InvalidFrameException {
        this.fields = fields;
        this.type = text("type", MAX_NAME);
        this.version = (int) number("v", 1, MAX_VERSION);
        if (version != Frame.VERSION && !isGreeting()) {
            throw new InvalidFrameException(
                    "the frame is of version " + version + ", this side speaks " + Frame.VERSION);
        }
    }

    static Header parse(ByteBuffer line) throws InvalidFrameException {
        byte[] bytes = new byte[line.remaining()];
        line.get(bytes);
        return new Header(object(bytes));
    }

    private static JsonNode object(byte[] bytes) throws InvalidFrameException {
        try (JsonParser parser = JSON.createParser(bytes)) {
            JsonNode node = JSON.readTree(parser);
            if (node == null || !node.isObject() || parser.nextToken() != null) {
                throw new InvalidFrameException("the header is not one JSON object");
            }
            return node;
        } catch (InvalidFrameException known) {
            throw known;
        } catch (IOException notJson) {
            throw new InvalidFrameException("the header is not JSON within the bounds of the feed");
        }
    }

    /** Greetings of other versions are readable, so that the two sides can say that they do not fit. */
    private boolean isGreeting() {
        return type.equals("hello") || type.equals("welcome");
    }

    String type() {
        return type;
    }

    int version() {
        return version;
    }

    boolean has(String field) {
        return fields.hasNonNull(field);
    }

    String text(String field, int max) throws InvalidFrameException {
        JsonNode value = fields.get(field);
        if (value == null || !value.isTextual()) {
            throw new InvalidFrameException("field '" + field + "' is not a text");
        }
        return bounded(field, value.textValue(), max);
    }

    Optional<String> optionalText(String field, int max) throws InvalidFrameException {
        JsonNode value = fields.get(field);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(text(field, max));
    }

    long count(String field) throws InvalidFrameException {
        return count(field, Long.MAX_VALUE);
    }

    long count(String field, long max) throws InvalidFrameException {
        return number(field, 0, max);
    }

    long number(String field, long min, long max) throws InvalidFrameException {
        return number("field '" + field + "'", fields.get(field), min, max);
    }

    SourceId source() throws InvalidFrameException {
        try {
            return new SourceId(text("source", MAX_NAME));
        } catch (IllegalArgumentException notAnId) {
            throw new InvalidFrameException("field 'source' is " + notAnId.getMessage());
        }
    }

    ByteRange range() throws InvalidFrameException {
        return range(count("from"), count("to"));
    }

    List<ByteRange> ranges(String field, int max) throws InvalidFrameException {
        JsonNode value = fields.get(field);
        if (value == null || !value.isArray() || value.isEmpty() || value.size() > max) {
            throw new InvalidFrameException("field '" + field + "' is not a list of 1 to " + max + " ranges");
        }
        List<ByteRange> ranges = new ArrayList<>(value.size());
        for (JsonNode pair : value) {
            if (!pair.isArray() || pair.size() != 2) {
                throw new InvalidFrameException("field '" + field + "' holds something that is not [from, to]");
            }
            ranges.add(range(
                    number("a range's start", pair.get(0), 0, Long.MAX_VALUE),
                    number("a range's end", pair.get(1), 0, Long.MAX_VALUE)));
        }
        return ranges;
    }

    List<Long> counts(String field, int max) throws InvalidFrameException {
        JsonNode value = fields.get(field);
        if (value == null || !value.isArray() || value.isEmpty() || value.size() > max) {
            throw new InvalidFrameException("field '" + field + "' is not a list of 1 to " + max + " numbers");
        }
        List<Long> counts = new ArrayList<>(value.size());
        for (JsonNode one : value) {
            counts.add(number("a number of field '" + field + "'", one, 0, Long.MAX_VALUE));
        }
        return counts;
    }

    <E extends Enum<E>> E word(String field, Class<E> words) throws InvalidFrameException {
        return HeaderJson.word(field, text(field, MAX_NAME), words);
    }

    Instant instant(String field) throws InvalidFrameException {
        try {
            return Instant.parse(text(field, MAX_NAME));
        } catch (DateTimeException notATime) {
            throw new InvalidFrameException("field '" + field + "' is not a time such as 2026-11-20T10:15:30Z");
        }
    }

    JsonNode object(String field) throws InvalidFrameException {
        JsonNode value = fields.get(field);
        if (value == null || !value.isObject()) {
            throw new InvalidFrameException("field '" + field + "' is not an object");
        }
        return value;
    }

    List<String> words(String field) throws InvalidFrameException {
        JsonNode value = fields.get(field);
        if (value == null || !value.isArray() || value.size() > MAX_WORDS) {
            throw new InvalidFrameException("field '" + field + "' is not a list of at most " + MAX_WORDS + " words");
        }
        List<String> words = new ArrayList<>(value.size());
        for (JsonNode word : value) {
            words.add(plain(field, word));
        }
        return words;
    }

    Map<String, String> labels(String field) throws InvalidFrameException {
        JsonNode value = fields.get(field);
        if (value == null) {
            return Map.of();
        }
        if (!value.isObject() || value.size() > MAX_LABELS) {
            throw new InvalidFrameException(
                    "field '" + field + "' is not an object of at most " + MAX_LABELS + " labels");
        }
        Map<String, String> labels = new TreeMap<>();
        for (Map.Entry<String, JsonNode> label : value.properties()) {
            labels.put(label.getKey(), plain(field, label.getValue()));
        }
        return labels;
    }

    private static String plain(String field, JsonNode value) throws InvalidFrameException {
        if (!value.isTextual()) {
            throw new InvalidFrameException("field '" + field + "' holds something that is not a text");
        }
        return bounded(field, value.textValue(), MAX_TEXT);
    }

    private static String bounded(String field, String text, int max) throws InvalidFrameException {
        if (text.length() > max) {
            throw new InvalidFrameException(
                    "field '" + field + "' has " + text.length() + " characters; at most " + max + " are allowed");
        }
        return text;
    }

    private static long number(String what, @Nullable JsonNode value, long min, long max) throws InvalidFrameException {
        if (value == null || !value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new InvalidFrameException(what + " is not a whole number");
        }
        if (value.longValue() < min || value.longValue() > max) {
            throw new InvalidFrameException(what + " is " + value.longValue() + "; it must be " + min + " to " + max);
        }
        return value.longValue();
    }

    private static ByteRange range(long from, long to) throws InvalidFrameException {
        if (to <= from) {
            throw new InvalidFrameException("a range from " + from + " to " + to + " is empty");
        }
        return new ByteRange(from, to);
    }
}
