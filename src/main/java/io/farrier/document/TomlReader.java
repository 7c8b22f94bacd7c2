package io.farrier.document;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads TOML 1.0 into assignments and tables that know where they stand. Numbers and dates stay as they are written. */
final class TomlReader {
    private static final int MAX_DEPTH = 32;
    private static final Pattern BARE_VALUE =
            Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.+Z-]+|[+-]?[0-9A-Za-z][0-9A-Za-z_.:+-]*");
    private static final Pattern LINE_JOIN = Pattern.compile("\\\\[ \\t]*\\r?\\n");
    private static final String BARE_KEY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

    private final Utf8Text source;
    private final String text;
    private final List<Assignment> assignments = new ArrayList<>();
    private final List<Table> tables = new ArrayList<>();
    private final Set<String> taken = new HashSet<>();
    private int at;

    private TomlReader(Utf8Text source) {
        this.source = source;
        this.text = source.text();
    }

    /** @param from its first character; @param to behind its last one */
    record Span(int from, int to) {}

    /** @param elements of a list; else empty */
    record Value(Span span, JsonValue meaning, List<Span> elements) {}

    /** @param table number of the table that it stands in, -1 above the first */
    record Assignment(KeyPath path, int start, Value value, int table) {}

    /** @param many true for an element of an array of tables: {@code [[plugins]]} */
    record Table(KeyPath path, int start, boolean many) {}

    record Content(List<Assignment> assignments, List<Table> tables) {
        Content {
            assignments = List.copyOf(assignments);
            tables = List.copyOf(tables);
        }
    }

    static Content read(Utf8Text source) throws InvalidDocumentException {
        return new TomlReader(source).read();
    }

    private Content read() throws InvalidDocumentException {
        for (skipIdle(); at < text.length(); skipIdle()) {
            if (is('[')) {
                readTable();
            } else {
                readAssignment();
            }
            endLine();
        }
        return new Content(assignments, tables);
    }

    private void readTable() throws InvalidDocumentException {
        int start = at;
        boolean many = text.startsWith("[[", at);
        at += many ? 2 : 1;
        KeyPath path = readPath(']');
        expect(many ? "]]" : "]");
        if (!many && !taken.add("[" + path + "]")) {
            throw problem(start, "the table [" + path + "] appears twice");
        }
        tables.add(new Table(path, start, many));
    }

    private void readAssignment() throws InvalidDocumentException {
        int start = at;
        KeyPath key = readPath('=');
        expect("=");
        skipBlanks();
        KeyPath path =
                tables.isEmpty() ? key : below(tables.get(tables.size() - 1).path(), key);
        Value value = readValue(0);
        boolean inMany =
                tables.stream().anyMatch(table -> table.many() && table.path().holds(path));
        if (!inMany && !taken.add(path.toString())) {
            throw problem(start, "the key '" + path + "' appears twice");
        }
        assignments.add(new Assignment(path, start, value, tables.size() - 1));
    }

    private static KeyPath below(KeyPath table, KeyPath key) {
        KeyPath path = table;
        for (String step : key.keys()) {
            path = path.child(step);
        }
        return path;
    }

    private KeyPath readPath(char end) throws InvalidDocumentException {
        List<String> keys = new ArrayList<>();
        while (true) {
            skipBlanks();
            keys.add(readKey());
            skipBlanks();
            if (!is('.')) {
                break;
            }
            at++;
        }
        if (!is(end)) {
            throw problem(at, "expected '" + end + "'" + butWas());
        }
        return new KeyPath(keys);
    }

    private String readKey() throws InvalidDocumentException {
        if (is('"')) {
            return readBasic();
        }
        if (is('\'')) {
            return readLiteral();
        }
        int start = at;
        while (at < text.length() && BARE_KEY.indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        if (at == start) {
            throw problem(at, "expected a key" + butWas());
        }
        return text.substring(start, at);
    }

    private Value readValue(int depth) throws InvalidDocumentException {
        if (depth > MAX_DEPTH) {
            throw problem(at, "it is nested more than " + MAX_DEPTH + " deep");
        }
        int start = at;
        List<Span> elements = new ArrayList<>();
        JsonValue meaning = readMeaning(depth, elements);
        return new Value(new Span(start, at), meaning, List.copyOf(elements));
    }

    private JsonValue readMeaning(int depth, List<Span> elements) throws InvalidDocumentException {
        if (text.startsWith("\"\"\"", at) || text.startsWith("'''", at)) {
            return new JsonValue.Text(readLong(text.substring(at, at + 3)));
        }
        if (is('"')) {
            return new JsonValue.Text(readBasic());
        }
        if (is('\'')) {
            return new JsonValue.Text(readLiteral());
        }
        if (is('[')) {
            return readArray(depth, elements);
        }
        return is('{') ? readInlineTable(depth) : readBare();
    }

    private JsonValue readBare() throws InvalidDocumentException {
        Matcher bare = BARE_VALUE.matcher(text).region(at, text.length());
        if (!bare.lookingAt()) {
            throw problem(at, "expected a value" + butWas());
        }
        String word = bare.group();
        if (word.equals("true") || word.equals("false")) {
            at = bare.end();
            return new JsonValue.Bool(word.equals("true"));
        }
        if (!word.matches("[+-]?(?:[0-9].*|inf|nan)")) {
            throw problem(at, "expected a value, but this is a word without quotes");
        }
        at = bare.end();
        return word.matches("[+-]?[0-9]{1,18}")
                ? new JsonValue.Num(new java.math.BigDecimal(word))
                : new JsonValue.Text(word);
    }

    private JsonValue readArray(int depth, List<Span> spans) throws InvalidDocumentException {
        int start = at++;
        List<JsonValue> elements = new ArrayList<>();
        for (skipIdle(); !is(']'); skipIdle()) {
            if (at >= text.length()) {
                throw problem(start, "this list has no end");
            }
            Value element = readValue(depth + 1);
            elements.add(element.meaning());
            spans.add(element.span());
            skipIdle();
            if (is(',')) {
                at++;
            } else if (!is(']')) {
                throw problem(at, "expected ',' or ']'" + butWas());
            }
        }
        at++;
        return new JsonValue.Array(elements);
    }

    private JsonValue readInlineTable(int depth) throws InvalidDocumentException {
        at++;
        JsonValue table = new JsonValue.Obj(Map.of());
        Set<KeyPath> keys = new HashSet<>();
        for (skipBlanks(); !is('}'); skipBlanks()) {
            int start = at;
            KeyPath key = readPath('=');
            expect("=");
            skipBlanks();
            if (!keys.add(key)) {
                throw problem(start, "the key '" + key + "' appears twice");
            }
            table = Tree.with(table, key.keys(), readValue(depth + 1).meaning());
            skipBlanks();
            if (is(',')) {
                at++;
                requireMore();
            } else if (!is('}')) {
                throw problem(at, "expected ',' or '}'" + butWas());
            }
        }
        at++;
        return table;
    }

    /** Other than a list, an inline table ends without a comma. */
    private void requireMore() throws InvalidDocumentException {
        skipBlanks();
        if (is('}')) {
            throw problem(at, "expected a key" + butWas());
        }
    }

    private String readLiteral() throws InvalidDocumentException {
        int start = at;
        int end = text.indexOf('\'', at + 1);
        int lineEnd = text.indexOf('\n', at);
        if (end < 0 || (lineEnd >= 0 && lineEnd < end)) {
            throw problem(start, "this text has no closing '");
        }
        at = end + 1;
        return text.substring(start + 1, end);
    }

    private String readBasic() throws InvalidDocumentException {
        int start = at++;
        StringBuilder value = new StringBuilder();
        while (!is('"')) {
            if (at >= text.length() || is('\n')) {
                throw problem(start, "this text has no closing \"");
            }
            readCharacter(value);
        }
        at++;
        return value.toString();
    }

    private String readLong(String quotes) throws InvalidDocumentException {
        int start = at;
        at += quotes.length();
        at += text.startsWith("\r\n", at) ? 2 : is('\n') ? 1 : 0;
        StringBuilder value = new StringBuilder();
        while (!text.startsWith(quotes, at)) {
            if (at >= text.length()) {
                throw problem(start, "this text has no closing " + quotes);
            }
            if (quotes.startsWith("'")) {
                value.append(text.charAt(at++));
            } else if (LINE_JOIN.matcher(text).region(at, text.length()).lookingAt()) {
                at++;
                while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                    at++;
                }
            } else {
                readCharacter(value);
            }
        }
        at += quotes.length();
        while (is(quotes.charAt(0))) {
            value.append(text.charAt(at++));
        }
        return value.toString();
    }

    private void readCharacter(StringBuilder value) throws InvalidDocumentException {
        if (!is('\\')) {
            value.append(text.charAt(at++));
            return;
        }
        int which = at + 1 < text.length() ? "btnfr\"\\uU".indexOf(text.charAt(at + 1)) : -1;
        if (which < 0) {
            throw problem(at, "expected one of b t n f r \" \\ u U behind '\\'");
        }
        at += 2;
        if (which < 7) {
            value.append("\b\t\n\f\r\"\\".charAt(which));
            return;
        }
        int digits = which == 7 ? 4 : 8;
        String hex = text.substring(at, Math.min(at + digits, text.length()));
        if (!hex.matches("[0-9a-fA-F]{" + digits + "}") || !Character.isValidCodePoint((int) Long.parseLong(hex, 16))) {
            throw problem(at, "expected the " + digits + " hexadecimal digits of a character");
        }
        value.appendCodePoint((int) Long.parseLong(hex, 16));
        at += digits;
    }

    // White space and comments

    private void skipBlanks() {
        while (is(' ') || is('\t')) {
            at++;
        }
    }

    /** Over blanks, line ends and comments. */
    private void skipIdle() {
        while (at < text.length() && (Character.isWhitespace(text.charAt(at)) || is('#'))) {
            at = is('#') ? source.nextLine(at) : at + 1;
        }
    }

    private void endLine() throws InvalidDocumentException {
        skipBlanks();
        if (at < text.length() && "#\r\n".indexOf(text.charAt(at)) < 0) {
            throw problem(at, "expected the end of the line" + butWas());
        }
    }

    private void expect(String word) throws InvalidDocumentException {
        if (!text.startsWith(word, at)) {
            throw problem(at, "expected '" + word + "'" + butWas());
        }
        at += word.length();
    }

    private boolean is(char c) {
        return at < text.length() && text.charAt(at) == c;
    }

    private String butWas() {
        if (at >= text.length()) {
            return " but the file ends";
        }
        return is('\n') || is('\r')
                ? " but the line ends"
                : " but was '" + text.substring(at, text.offsetByCodePoints(at, 1)) + "'";
    }

    private InvalidDocumentException problem(int offset, String saw) {
        return source.problem(offset, "this is not TOML: " + saw);
    }

    /** What it all means, tables of arrays left out: nothing of ours is in one. */
    static JsonValue meaning(Content content, Utf8Text source) throws InvalidDocumentException {
        JsonValue tree = new JsonValue.Obj(new LinkedHashMap<>());
        List<KeyPath> many =
                content.tables().stream().filter(Table::many).map(Table::path).toList();
        for (Line line : inOrder(content)) {
            tree = many.stream().anyMatch(path -> path.holds(line.path()))
                    ? tree
                    : add(tree, line.path(), line.meaning(), line.start(), source);
        }
        return tree;
    }

    private record Line(int start, KeyPath path, JsonValue meaning) {}

    /** As it is read from the top: in hosts.toml the order of tables is the order in which hosts are asked. */
    private static List<Line> inOrder(Content content) {
        Stream<Line> tables = content.tables().stream()
                .map(table -> new Line(table.start(), table.path(), new JsonValue.Obj(Map.of())));
        Stream<Line> assignments = content.assignments().stream()
                .map(assignment -> new Line(
                        assignment.start(),
                        assignment.path(),
                        assignment.value().meaning()));
        return Stream.concat(tables, assignments)
                .sorted(Comparator.comparingInt(Line::start))
                .toList();
    }

    private static JsonValue add(JsonValue tree, KeyPath path, JsonValue value, int start, Utf8Text source)
            throws InvalidDocumentException {
        for (KeyPath above : path.parents()) {
            if (!Tree.get(tree, above).map(JsonValue.Obj.class::isInstance).orElse(true)) {
                throw source.problem(start, "this is not TOML: '" + above + "' is no table");
            }
        }
        boolean isTableAlready = Tree.get(tree, path).isPresent();
        return isTableAlready && value instanceof JsonValue.Obj ? tree : Tree.with(tree, path.keys(), value);
    }
}
