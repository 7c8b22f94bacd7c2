package io.farrier.document;

import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** YAML as farrier writes it: texts in double quotes, so that nothing is a number or a date by accident. */
final class YamlText {
    /** Ours and docker.io need no quotes. */
    private static final Pattern PLAIN_KEY = Pattern.compile("[a-zA-Z][a-zA-Z0-9_-]*(?:\\.[a-zA-Z0-9_-]+)*");

    private static final Set<String> WORDS_WITH_A_TYPE =
            Set.of("y", "n", "yes", "no", "on", "off", "true", "false", "null");

    private YamlText() {}

    static String key(String key) {
        boolean isPlain =
                PLAIN_KEY.matcher(key).matches() && !WORDS_WITH_A_TYPE.contains(key.toLowerCase(java.util.Locale.ROOT));
        return isPlain ? key : quoted(key);
    }

    /** On one line, in the flow style, so that a file of JSON stays one. */
    static String flow(JsonValue value) {
        if (value instanceof JsonValue.Text text) {
            return quoted(text.value());
        }
        if (value instanceof JsonValue.Array list) {
            return list.elements().stream().map(YamlText::flow).collect(Collectors.joining(", ", "[", "]"));
        }
        if (value instanceof JsonValue.Obj map) {
            return map.members().entrySet().stream()
                    .map(member -> quoted(member.getKey()) + ": " + flow(member.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        return value.text();
    }

    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                default -> quoted.append(isPrintable(c) ? Character.toString(c) : escaped(c));
            }
        });
        return quoted.append('"').toString();
    }

    private static String escaped(int c) {
        return c > 0xFFFF ? String.format("\\U%08x", c) : String.format("\\u%04x", c);
    }

    /** YAML 1.1's printable characters, without those that it takes for line ends. */
    private static boolean isPrintable(int c) {
        return (c >= ' ' && c <= '~')
                || (c >= 0xA0 && c < 0xD800 && c != 0x2028 && c != 0x2029)
                || (c >= 0xE000 && c < 0xFFFE && c != 0xFEFF)
                || (c >= 0x10000 && c <= 0x10FFFF);
    }
}
