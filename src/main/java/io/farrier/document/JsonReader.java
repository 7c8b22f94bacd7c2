package io.farrier.document;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads JSON text (RFC 8259) as strictly as Go's encoding/json and remembers where everything of the first two levels
 * stands. Stricter in one thing: a key that appears twice is an error, because Go takes the last in silence.
 */
final class JsonReader {
    /** Far deeper than any configuration; it keeps a hostile file from using up the stack. */
    private static final int MAX_DEPTH = 64;

    private final String text;
    private int at;

    JsonReader(String text) {
        this.text = text;
    }

    /** Half-open range of character offsets. */
    record Span(int from, int to) {}

    /** One {@code "key": value} of the top level. */
    record Member(String key, Span name, Span value, JsonValue meaning, List<Span> elements) {}

    /** The top-level object: offsets of its braces, and what is between them. */
    record TopLevel(int open, int close, List<Member> members) {}

    TopLevel read() throws InvalidDocumentException {
        skipSpace();
        if (atEnd()) {
            throw problem("expected '{' but the file is empty", "EOF");
        }
        if (peek() != '{') {
            throw topLevelIsNoObject();
        }
        int open = at;
        List<Member> members = new ArrayList<>();
        readMembers(1, (key, name) -> members.add(readMember(key, name)));
        int close = at - 1;
        skipSpace();
        if (!atEnd()) {
            throw unexpected(
                    "nothing after the closing '}', where dockerd before 23.0 stops reading,", "after top-level value");
        }
        return new TopLevel(open, close, members);
    }

    private InvalidDocumentException topLevelIsNoObject() throws InvalidDocumentException {
        int start = at;
        JsonValue value = readValue(1);
        at = start;
        String says = value instanceof JsonValue.Null
                ? "nothing: to it that is no configuration"
                : "json: cannot unmarshal " + goKind(value) + " into Go value of type map[string]interface {}";
        return problem("expected '{' but was " + (value instanceof JsonValue.Array ? "a list" : value.text()), says);
    }

    private static String goKind(JsonValue value) {
        if (value instanceof JsonValue.Array) {
            return "array";
        }
        if (value instanceof JsonValue.Text) {
            return "string";
        }
        return value instanceof JsonValue.Num ? "number" : "bool";
    }

    private Member readMember(String key, Span name) throws InvalidDocumentException {
        int from = at;
        List<Span> elements = new ArrayList<>();
        JsonValue value = peek() == '[' ? readArray(2, elements) : readValue(2);
        return new Member(key, name, new Span(from, at), value, elements);
    }

    /** Reads a member's value, which starts at the cursor. */
    @FunctionalInterface
    private interface ValueReader {
        void read(String key, Span name) throws InvalidDocumentException;
    }

    private void readMembers(int depth, ValueReader value) throws InvalidDocumentException {
        checkDepth(depth);
        at++;
        skipSpace();
        if (is('}')) {
            at++;
            return;
        }
        Set<String> keys = new HashSet<>();
        while (true) {
            int from = at;
            if (!is('"')) {
                throw unexpected("a key in double quotes", "looking for beginning of object key string");
            }
            String key = readString();
            if (!keys.add(key)) {
                at = from;
                throw problem(
                        "the key " + new JsonValue.Text(key).text() + " appears twice", "nothing: it takes the last");
            }
            Span name = new Span(from, at);
            skipSpace();
            if (!is(':')) {
                throw unexpected("':'", "after object key");
            }
            at++;
            skipSpace();
            value.read(key, name);
            skipSpace();
            if (is('}')) {
                at++;
                return;
            }
            if (!is(',')) {
                throw unexpected("',' or '}'", "after object key:value pair");
            }
            at++;
            skipSpace();
        }
    }

    private JsonValue readValue(int depth) throws InvalidDocumentException {
        if (atEnd()) {
            throw unexpected("a value", "looking for beginning of value");
        }
        return switch (peek()) {
            case '{' -> readObject(depth);
            case '[' -> readArray(depth, new ArrayList<>());
            case '"' -> new JsonValue.Text(readString());
            case 't' -> readWord("true", new JsonValue.Bool(true));
            case 'f' -> readWord("false", new JsonValue.Bool(false));
            case 'n' -> readWord("null", new JsonValue.Null());
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> readNumber();
            default -> throw unexpected("a value", "looking for beginning of value");
        };
    }

    private JsonValue readObject(int depth) throws InvalidDocumentException {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        readMembers(depth, (key, name) -> members.put(key, readValue(depth + 1)));
        return new JsonValue.Obj(members);
    }

    private JsonValue readArray(int depth, List<Span> spans) throws InvalidDocumentException {
        checkDepth(depth);
        at++;
        skipSpace();
        List<JsonValue> elements = new ArrayList<>();
        if (is(']')) {
            at++;
            return new JsonValue.Array(elements);
        }
        while (true) {
            int from = at;
            elements.add(readValue(depth + 1));
            spans.add(new Span(from, at));
            skipSpace();
            if (is(']')) {
                at++;
                return new JsonValue.Array(elements);
            }
            if (!is(',')) {
                throw unexpected("',' or ']'", "after array element");
            }
            at++;
            skipSpace();
        }
    }

    private JsonValue readWord(String word, JsonValue value) throws InvalidDocumentException {
        for (int i = 0; i < word.length(); i++) {
            if (!is(word.charAt(i))) {
                throw unexpected("'" + word + "'", "in literal " + word + " (expecting '" + word.charAt(i) + "')");
            }
            at++;
        }
        return value;
    }

    private JsonValue readNumber() throws InvalidDocumentException {
        int from = at;
        if (is('-')) {
            at++;
        }
        if (is('0')) {
            at++;
        } else {
            readDigits("in numeric literal");
        }
        if (is('.')) {
            at++;
            readDigits("after decimal point in numeric literal");
        }
        if (is('e') || is('E')) {
            at++;
            if (is('+') || is('-')) {
                at++;
            }
            readDigits("in exponent of numeric literal");
        }
        return number(from);
    }

    private JsonValue number(int from) throws InvalidDocumentException {
        String digits = text.substring(from, at);
        try {
            return new JsonValue.Num(new BigDecimal(digits));
        } catch (NumberFormatException | ArithmeticException tooLarge) {
            at = from;
            throw problem("the number is out of range", "cannot unmarshal number " + digits);
        }
    }

    private void readDigits(String where) throws InvalidDocumentException {
        if (atEnd() || !isDigit(peek())) {
            throw unexpected("a digit", where);
        }
        while (!atEnd() && isDigit(peek())) {
            at++;
        }
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private String readString() throws InvalidDocumentException {
        at++;
        StringBuilder value = new StringBuilder();
        while (!is('"')) {
            if (atEnd() || peek() < ' ') {
                throw unexpected("the rest of a string and '\"'", "in string literal");
            }
            value.append(is('\\') ? readEscape() : text.charAt(at++));
        }
        at++;
        return value.toString();
    }

    private char readEscape() throws InvalidDocumentException {
        at++;
        int which = atEnd() ? -1 : "\"\\/bfnrtu".indexOf(peek());
        if (which < 0) {
            throw unexpected("one of \" \\ / b f n r t u after '\\'", "in string escape code");
        }
        at++;
        return which < 8 ? "\"\\/\b\f\n\r\t".charAt(which) : readHex();
    }

    private char readHex() throws InvalidDocumentException {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = atEnd() || peek() > 'f' ? -1 : Character.digit(peek(), 16);
            if (digit < 0) {
                throw unexpected("four hexadecimal digits", "in \\u hexadecimal character escape");
            }
            value = value * 16 + digit;
            at++;
        }
        return (char) value;
    }

    private void checkDepth(int depth) throws InvalidDocumentException {
        if (depth > MAX_DEPTH) {
            throw problem("it is nested more than " + MAX_DEPTH + " deep", "nothing");
        }
    }

    private void skipSpace() {
        while (!atEnd() && " \t\r\n".indexOf(peek()) >= 0) {
            at++;
        }
    }

    private boolean atEnd() {
        return at >= text.length();
    }

    private char peek() {
        return text.charAt(at);
    }

    private boolean is(char c) {
        return !atEnd() && peek() == c;
    }

    /** @param where the words of Go's scanner for the place */
    private InvalidDocumentException unexpected(String expected, String where) {
        if (atEnd()) {
            return problem("expected " + expected + " but the file ends", "unexpected EOF");
        }
        String comment =
                text.startsWith("//", at) || text.startsWith("/*", at) || is('#') ? " (JSON has no comments)" : "";
        return problem(
                "expected " + expected + " but was " + quoted() + comment,
                "invalid character " + quotedByGo() + " " + where);
    }

    private String quoted() {
        int c = text.codePointAt(at);
        boolean isVisible =
                Character.isDefined(c) && !Character.isISOControl(c) && Character.getType(c) != Character.FORMAT;
        return isVisible ? "'" + Character.toString(c) + "'" : quotedByGo();
    }

    /** As encoding/json's quoteChar does it: it sees single bytes, and shows them as Latin-1. */
    private String quotedByGo() {
        char first = (char) (Character.toString(text.codePointAt(at)).getBytes(StandardCharsets.UTF_8)[0] & 0xFF);
        return switch (first) {
            case '\'' -> "'\\''";
            case '\\' -> "'\\\\'";
            case '\n' -> "'\\n'";
            case '\r' -> "'\\r'";
            case '\t' -> "'\\t'";
            case '\b' -> "'\\b'";
            case '\f' -> "'\\f'";
            default -> first < ' ' || first == 0x7F ? String.format("'\\x%02x'", (int) first) : "'" + first + "'";
        };
    }

    private InvalidDocumentException problem(String saw, String dockerd) {
        int lineStart = at == 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
        int line = 1
                + (int) text.substring(0, lineStart)
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
        int column = 1 + text.codePointCount(lineStart, Math.min(at, text.length()));
        return new InvalidDocumentException(
                line,
                column,
                "line " + line + ", column " + column + " is not JSON: " + saw + " (dockerd says: " + dockerd + ")");
    }
}
