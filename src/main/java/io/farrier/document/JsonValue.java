package io.farrier.document;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What JSON text means. Two values are equal when a daemon could not tell them apart: white space, the order of keys and
 * the spelling of numbers ({@code 1.0}, {@code 1}) make no difference.
 */
public sealed interface JsonValue {
    /** On one line, with a space after each comma and colon. */
    String text();

    /** As /info of dockerd shows it: a text without quotes. */
    default String plain() {
        return this instanceof Text text ? text.value() : text();
    }

    record Null() implements JsonValue {
        @Override
        public String text() {
            return "null";
        }
    }

    record Bool(boolean value) implements JsonValue {
        @Override
        public String text() {
            return Boolean.toString(value);
        }
    }

    /** @param value without trailing zeros, so that equal numbers are equal */
    record Num(BigDecimal value) implements JsonValue {
        /** Beyond it plain notation would be longer than any number a daemon reads. */
        private static final int MAX_PLAIN_SCALE = 40;

        public Num {
            value = value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
        }

        @Override
        public String text() {
            return Math.abs((long) value.scale()) > MAX_PLAIN_SCALE ? value.toString() : value.toPlainString();
        }
    }

    record Text(String value) implements JsonValue {
        @Override
        public String text() {
            return quote(value);
        }
    }

    record Array(List<JsonValue> elements) implements JsonValue {
        public Array {
            elements = List.copyOf(elements);
        }

        public static Array ofTexts(List<String> texts) {
            return new Array(
                    texts.stream().map(text -> (JsonValue) new Text(text)).toList());
        }

        /** The elements that are strings. */
        public List<String> texts() {
            return elements.stream()
                    .filter(Text.class::isInstance)
                    .map(element -> ((Text) element).value())
                    .toList();
        }

        @Override
        public String text() {
            return elements.stream().map(JsonValue::text).collect(Collectors.joining(", ", "[", "]"));
        }
    }

    /** @param members in the order of the text, which does not count when two are compared */
    record Obj(Map<String, JsonValue> members) implements JsonValue {
        public Obj {
            members = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(members));
        }

        public Optional<JsonValue> member(String key) {
            return Optional.ofNullable(members.get(key));
        }

        @Override
        public String text() {
            return members.entrySet().stream()
                    .map(member ->
                            quote(member.getKey()) + ": " + member.getValue().text())
                    .collect(Collectors.joining(", ", "{", "}"));
        }
    }

    /**
     * A value of a configuration: Boolean, Number, String, List, Map or null.
     *
     * @throws IllegalArgumentException for any other class, and for numbers JSON has no word for
     */
    static JsonValue of(@Nullable Object value) {
        if (value == null) {
            return new Null();
        }
        if (value instanceof Boolean bool) {
            return new Bool(bool);
        }
        if (value instanceof Number number) {
            return new Num(new BigDecimal(number.toString()));
        }
        if (value instanceof String text) {
            return new Text(text);
        }
        if (value instanceof List<?> list) {
            List<JsonValue> elements = new ArrayList<>();
            list.forEach(element -> elements.add(of(element)));
            return new Array(elements);
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, JsonValue> members = new LinkedHashMap<>();
            map.forEach((key, member) -> members.put(String.valueOf(key), of(member)));
            return new Obj(members);
        }
        throw new IllegalArgumentException(
                "JSON has no value for " + value.getClass().getSimpleName());
    }

    /** Of JSON text, such as {@link #text()} made. */
    static JsonValue parse(String text) throws InvalidDocumentException {
        byte[] wrapped = ("{\"value\":" + text + "}").getBytes(java.nio.charset.StandardCharsets.UTF_8);
        return JsonDocument.parse(wrapped).get("value").orElseGet(Null::new);
    }

    private static String quote(String value) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> quoted.append(isPlain(value, i) ? String.valueOf(c) : String.format("\\u%04x", (int) c));
            }
        }
        return quoted.append('"').toString();
    }

    /** Half a surrogate pair has no UTF-8 form and must stay escaped. */
    private static boolean isPlain(String value, int i) {
        char c = value.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 < value.length() && Character.isLowSurrogate(value.charAt(i + 1));
        }
        if (Character.isLowSurrogate(c)) {
            return i > 0 && Character.isHighSurrogate(value.charAt(i - 1));
        }
        return c >= ' ';
    }
}
