package io.farrier.document;

import io.farrier.document.TomlReader.Assignment;
import io.farrier.document.TomlReader.Content;
import io.farrier.document.TomlReader.Span;
import io.farrier.document.TomlReader.Table;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A TOML file, edited by cutting and inserting lines: comments, order, blanks and line ends stay. Every edit is read again
 * and compared with what it should mean.
 */
public final class TomlDocument implements KeyedDocument {
    /** containerd's whole configuration has some ten kilobytes. */
    public static final int MAX_BYTES = 256 * 1024;

    private final Utf8Text text;
    private final Content content;
    private final JsonValue meaning;

    private TomlDocument(Utf8Text text) throws InvalidDocumentException {
        this.text = text;
        this.content = TomlReader.read(text);
        this.meaning = TomlReader.meaning(content, text);
    }

    /** What an absent file becomes when something is put into it. */
    public static TomlDocument empty() {
        try {
            return new TomlDocument(new Utf8Text("", ""));
        } catch (InvalidDocumentException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    public static TomlDocument parse(byte[] bytes) throws InvalidDocumentException {
        return new TomlDocument(Utf8Text.decode(bytes, MAX_BYTES));
    }

    @Override
    public byte[] bytes() {
        return text.bytes();
    }

    @Override
    public boolean isEmpty() {
        return content.assignments().isEmpty() && content.tables().isEmpty();
    }

    public JsonValue meaning() {
        return meaning;
    }

    /** The value or table at {@code path}. */
    @Override
    public Optional<JsonValue> get(KeyPath path) {
        return Tree.get(meaning, path);
    }

    /** A refusal that names where the key, or its table, stands. */
    InvalidDocumentException problem(KeyPath path, String saw) {
        int start = content.assignments().stream()
                .filter(assignment -> path.holds(assignment.path()))
                .map(Assignment::start)
                .findFirst()
                .orElse(0);
        return text.problem(start, saw);
    }

    @Override
    public TomlDocument with(KeyPath path, JsonValue value) throws InvalidDocumentException {
        if (get(path).equals(Optional.of(value))) {
            return this;
        }
        return checked(set(path, value), Tree.with(meaning, path.keys(), value), path);
    }

    private Utf8Text set(KeyPath path, JsonValue value) throws InvalidDocumentException {
        Optional<Assignment> there = find(path);
        if (there.isPresent()) {
            Span span = there.get().value().span();
            return text.splice(span.from(), span.to(), word(value));
        }
        checkReachable(path);
        String line = key(path.last()) + " = " + word(value) + text.lineEnd();
        if (path.keys().size() == 1) {
            return text.insertLines(endOfTable(-1), line);
        }
        KeyPath parent = parent(path);
        int table = table(parent);
        if (table >= 0) {
            return text.insertLines(endOfTable(table), line);
        }
        return isWrittenWithDots(parent)
                ? withDots(parent, key(parent.last()) + "." + line)
                : text.insertLines(text.text().length(), header(parent) + text.lineEnd() + line);
    }

    private static KeyPath parent(KeyPath path) {
        return new KeyPath(path.keys().subList(0, path.keys().size() - 1));
    }

    /**
     * containerd 1 reads nothing of a file in which a table's name has a bracket, quoted or escaped ("table key cannot
     * contain ']'"): the table of an IPv6 address is lines with dots below {@code [host]}. So is what comes behind it, or
     * the order of hosts would be another.
     */
    private boolean isWrittenWithDots(KeyPath table) {
        if (table.keys().size() == 1) {
            return false;
        }
        int above = table(parent(table));
        boolean isBehindDots = above >= 0
                && above == content.tables().size() - 1
                && content.assignments().stream().anyMatch(assignment -> assignment.table() == above);
        return isBehindDots || table.last().matches(".*[\\[\\]].*");
    }

    private Utf8Text withDots(KeyPath table, String line) throws InvalidDocumentException {
        int above = table(parent(table));
        if (above < 0) {
            return text.insertLines(text.text().length(), header(parent(table)) + text.lineEnd() + line);
        }
        if (above < content.tables().size() - 1) {
            throw cannotEdit(
                    content.tables().get(above).start(),
                    table,
                    "containerd reads no table whose name has a bracket, and the table above it has others behind it;"
                            + " put it last");
        }
        return text.insertLines(endOfTable(above), line);
    }

    /** What stands in one line, between braces or with dots, cannot be edited by lines. */
    private void checkReachable(KeyPath path) throws InvalidDocumentException {
        for (Assignment assignment : content.assignments()) {
            if (assignment.path().holds(path) || path.holds(assignment.path())) {
                throw cannotEdit(
                        assignment.start(), path, "'" + assignment.path() + "' is written there in another form");
            }
        }
        for (Table table : content.tables()) {
            if (table.many() && table.path().holds(path)) {
                throw cannotEdit(table.start(), path, "it is a list of tables");
            }
        }
    }

    private InvalidDocumentException cannotEdit(int offset, KeyPath path, String because) {
        return text.problem(offset, "'" + path + "' cannot be edited here: " + because);
    }

    /** Behind the last line of a table that says something; -1 is what stands above the first table. */
    private int endOfTable(int table) {
        Optional<Assignment> last = content.assignments().stream()
                .filter(assignment -> assignment.table() == table)
                .reduce((a, b) -> b);
        if (last.isPresent()) {
            return text.nextLine(last.get().value().span().to());
        }
        if (table >= 0) {
            return text.nextLine(content.tables().get(table).start());
        }
        return content.tables().isEmpty()
                ? text.text().length()
                : aboveComments(content.tables().get(0).start());
    }

    /** Comments that stand directly on top of a table belong to it. */
    private int aboveComments(int tableStart) {
        int at = text.lineStart(tableStart);
        while (at > 0
                && text.text().substring(text.lineStart(at - 1), at).strip().startsWith("#")) {
            at = text.lineStart(at - 1);
        }
        return at;
    }

    @Override
    public TomlDocument without(KeyPath path) throws InvalidDocumentException {
        if (get(path).isEmpty()) {
            return this;
        }
        Optional<Assignment> there = find(path);
        int table = table(path);
        if (there.isEmpty() && table < 0) {
            throw cannotEdit(0, path, "it does not stand there by itself");
        }
        boolean hasMore =
                table >= 0 && content.assignments().stream().anyMatch(assignment -> assignment.table() == table);
        if (hasMore) {
            throw cannotEdit(content.tables().get(table).start(), path, "the table is not empty");
        }
        int from = there.map(Assignment::start)
                .orElseGet(() -> content.tables().get(table).start());
        int to = there.map(assignment -> assignment.value().span().to()).orElse(from);
        Utf8Text cut = text.cutLines(text.lineStart(from), text.nextLine(to));
        return checked(cut, Tree.without(meaning, path.keys()), path);
    }

    @Override
    public TomlDocument withElement(KeyPath list, String element) throws InvalidDocumentException {
        Optional<JsonValue> value = get(list);
        if (value.isEmpty()) {
            return with(list, JsonValue.Array.ofTexts(List.of(element)));
        }
        if (!(value.get() instanceof JsonValue.Array there)) {
            throw cannotEdit(find(list).map(Assignment::start).orElse(0), list, "a list is expected there");
        }
        if (there.texts().contains(element)) {
            return this;
        }
        List<Span> elements = find(list).orElseThrow().value().elements();
        return elements.isEmpty()
                ? with(list, JsonValue.Array.ofTexts(List.of(element)))
                : checked(insertBehind(elements, element), Tree.with(meaning, list.keys(), more(there, element)), list);
    }

    private static JsonValue more(JsonValue.Array there, String element) {
        List<JsonValue> more = new java.util.ArrayList<>(there.elements());
        more.add(new JsonValue.Text(element));
        return new JsonValue.Array(more);
    }

    /** On a line of its own where the last one has one. */
    private Utf8Text insertBehind(List<Span> elements, String element) {
        Span last = elements.get(elements.size() - 1);
        int lineStart = text.lineStart(last.from());
        String before = text.text().substring(lineStart, last.from());
        String space = before.isBlank() && lineStart > 0 ? text.lineEnd() + before : " ";
        return text.splice(last.to(), last.to(), "," + space + YamlText.quoted(element));
    }

    @Override
    public TomlDocument withoutElement(KeyPath list, String element) throws InvalidDocumentException {
        Optional<Assignment> there = find(list);
        if (there.isEmpty() || !(there.get().value().meaning() instanceof JsonValue.Array array)) {
            return this;
        }
        int index = array.elements().indexOf(new JsonValue.Text(element));
        if (index < 0) {
            return this;
        }
        List<Span> spans = there.get().value().elements();
        List<JsonValue> fewer = new java.util.ArrayList<>(array.elements());
        fewer.remove(index);
        int from = index > 0 ? spans.get(index - 1).to() : spans.get(0).from();
        int to = index > 0 || spans.size() == 1
                ? spans.get(index).to()
                : spans.get(1).from();
        return checked(text.splice(from, to, ""), Tree.with(meaning, list.keys(), new JsonValue.Array(fewer)), list)
                .withoutElement(list, element);
    }

    private Optional<Assignment> find(KeyPath path) {
        return content.assignments().stream()
                .filter(assignment -> assignment.path().equals(path))
                .findFirst();
    }

    /** The number of the table, -1 where it has no line of its own. */
    private int table(KeyPath path) {
        for (int i = 0; i < content.tables().size(); i++) {
            Table table = content.tables().get(i);
            if (!table.many() && table.path().equals(path)) {
                return i;
            }
        }
        return -1;
    }

    private TomlDocument checked(Utf8Text edited, JsonValue expected, KeyPath path) throws InvalidDocumentException {
        TomlDocument document;
        try {
            document = new TomlDocument(edited);
        } catch (InvalidDocumentException broken) {
            throw cannotEdit(0, path, "the file is written in a way that farrier cannot add to");
        }
        if (!withoutEmptyTables(document.meaning).equals(withoutEmptyTables(expected))) {
            throw cannotEdit(0, path, "the file is written in a way that farrier cannot add to");
        }
        return document;
    }

    /** A table that only stood above others goes with the last of them. */
    private static JsonValue withoutEmptyTables(JsonValue value) {
        if (!(value instanceof JsonValue.Obj table)) {
            return value;
        }
        Map<String, JsonValue> members = table.members().entrySet().stream()
                .map(member -> Map.entry(member.getKey(), withoutEmptyTables(member.getValue())))
                .filter(member -> !(member.getValue() instanceof JsonValue.Obj inner
                        && inner.members().isEmpty()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        return new JsonValue.Obj(members);
    }

    private static String header(KeyPath table) {
        return table.keys().stream().map(TomlDocument::key).collect(Collectors.joining(".", "[", "]"));
    }

    private static String key(String key) {
        return key.matches("[A-Za-z0-9_-]+") ? key : YamlText.quoted(key);
    }

    private static String word(JsonValue value) {
        if (value instanceof JsonValue.Text text) {
            return YamlText.quoted(text.value());
        }
        if (value instanceof JsonValue.Array list) {
            return list.elements().stream().map(TomlDocument::word).collect(Collectors.joining(", ", "[", "]"));
        }
        return value.text();
    }

    /** Equal bytes. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TomlDocument that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return Objects.hash(text);
    }
}
