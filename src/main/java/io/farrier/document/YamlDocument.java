package io.farrier.document;

import io.farrier.document.YamlNode.Alias;
import io.farrier.document.YamlNode.Entry;
import io.farrier.document.YamlNode.Mapping;
import io.farrier.document.YamlNode.Scalar;
import io.farrier.document.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A YAML file with one mapping, edited by cutting and inserting lines: comments, order, indentation, quotes, line ends and
 * byte order mark stay. Every edit is read again and compared with what it should mean; one that means anything else is
 * refused.
 *
 * <p>The exceptions to "added and removed leaves the same bytes": an explicit {@code ~} or {@code null} that was filled
 * comes back as nothing, and comments that somebody put into what was added go with it.
 *
 * <p>Scalars are texts, whatever they look like: their reader gives them a type.
 */
public final class YamlDocument implements KeyedDocument {
    /** CAs are files of their own; a hundred registries take some twenty kilobytes. */
    public static final int MAX_BYTES = 256 * 1024;

    /** After aliases are followed; it stops the file that means a billion values in ten lines. */
    private static final int MAX_VALUES = 50_000;

    private static final int USUAL_STEP = 2;

    private final Utf8Text text;
    private final Optional<YamlNode> root;
    private final JsonValue meaning;

    private YamlDocument(Utf8Text text) throws InvalidDocumentException {
        this.text = text;
        this.root = YamlReader.read(text);
        this.meaning = new Meaning(text).of(root);
    }

    /** What an absent file becomes when something is put into it. */
    public static YamlDocument empty() {
        try {
            return new YamlDocument(new Utf8Text("", ""));
        } catch (InvalidDocumentException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    public static YamlDocument parse(byte[] bytes) throws InvalidDocumentException {
        return new YamlDocument(Utf8Text.decode(bytes, MAX_BYTES));
    }

    @Override
    public byte[] bytes() {
        return text.bytes();
    }

    @Override
    public boolean isEmpty() {
        return normal(meaning).equals(new JsonValue.Null());
    }

    /** All of it; an absent or empty file is {@code null}. */
    public JsonValue meaning() {
        return meaning;
    }

    /** The text, list or map at {@code path}; {@link JsonValue.Null} where the key stands there without a value. */
    @Override
    public Optional<JsonValue> get(KeyPath path) {
        return Tree.get(meaning, path);
    }

    /** The nodes, for whoever must name places. */
    Optional<YamlNode> root() {
        return root;
    }

    InvalidDocumentException problem(int offset, String saw) {
        return text.problem(offset, saw);
    }

    // Setting

    @Override
    public YamlDocument with(KeyPath path, JsonValue value) throws InvalidDocumentException {
        if (get(path).equals(Optional.of(plain(value)))) {
            return this;
        }
        return checked(set(path, value), Tree.with(meaning, path.keys(), plain(value)), path);
    }

    private Utf8Text set(KeyPath path, JsonValue value) throws InvalidDocumentException {
        if (isNothing(root)) {
            return text.insertLines(endOfText(), lines(block(path.keys(), value, 0)));
        }
        YamlNode node = editable(root.orElseThrow(), path);
        List<String> keys = path.keys();
        for (int i = 0; ; i++) {
            Mapping mapping = mapping(node, path);
            List<String> rest = keys.subList(i, keys.size());
            Optional<Entry> entry = mapping.find(keys.get(i));
            if (entry.isEmpty()) {
                return insert(mapping, rest, value, path);
            }
            boolean isLast = rest.size() == 1;
            if (isNothing(Optional.of(entry.get().value()))) {
                return fill(mapping, entry.get(), nested(rest.subList(1, rest.size()), value), path);
            }
            node = editable(entry.get().value(), path);
            if (isLast) {
                return replace(node, value, path);
            }
        }
    }

    private static boolean isNothing(Optional<YamlNode> node) {
        return node.isEmpty() || (node.get() instanceof Scalar scalar && scalar.isNull());
    }

    /** What two places share, or merge, cannot be changed for one of them. */
    private YamlNode editable(YamlNode node, KeyPath path) throws InvalidDocumentException {
        if (node.anchor() != null || node instanceof Alias) {
            throw cannotEdit(node.start(), path, "an anchor or an alias stands there, and what it means is shared");
        }
        if (node instanceof Mapping mapping && mapping.merges()) {
            throw cannotEdit(node.start(), path, "'<<' merges another map into it");
        }
        return node;
    }

    private Mapping mapping(YamlNode node, KeyPath path) throws InvalidDocumentException {
        if (node instanceof Mapping mapping) {
            return mapping;
        }
        throw cannotEdit(node.start(), path, "a map is expected there");
    }

    private InvalidDocumentException cannotEdit(int offset, KeyPath path, String because) {
        return text.problem(offset, "'" + path + "' cannot be edited here: " + because);
    }

    private Utf8Text insert(Mapping mapping, List<String> keys, JsonValue value, KeyPath path)
            throws InvalidDocumentException {
        if (mapping.flow()) {
            return insertFlow(
                    mapping.start(),
                    mapping.end(),
                    mapping.entries().stream().map(Entry::start).toList(),
                    mapping.entries().isEmpty()
                            ? mapping.start()
                            : last(mapping.entries()).end(),
                    YamlText.quoted(keys.get(0)) + ": " + YamlText.flow(nested(keys.subList(1, keys.size()), value)));
        }
        int column = column(mapping, path);
        int offset = behindDeeperComments(text.nextLine(last(mapping.entries()).end()), column);
        return text.insertLines(offset, lines(block(keys, value, column)));
    }

    /** Behind the last item of a flow collection, or as its only one. */
    private Utf8Text insertFlow(int start, int end, List<Integer> items, int lastEnd, String word) {
        return items.isEmpty() ? text.splice(start + 1, start + 1, word) : text.splice(lastEnd, lastEnd, ", " + word);
    }

    private Utf8Text fill(Mapping mapping, Entry entry, JsonValue value, KeyPath path) throws InvalidDocumentException {
        YamlNode nothing = editable(entry.value(), path);
        boolean isInline = mapping.flow() || !(value instanceof JsonValue.Obj || value instanceof JsonValue.Array);
        if (isInline) {
            boolean isEmpty = nothing.start() == nothing.end();
            return text.splice(nothing.start(), nothing.end(), (isEmpty ? " " : "") + YamlText.flow(value));
        }
        int column = column(mapping, path);
        int colon = behindColon(nothing.start());
        Utf8Text cut = text.splice(colon, nothing.end(), "");
        int offset = behindDeeperComments(cut, cut.nextLine(colon), column);
        return cut.insertLines(offset, lines(children(value, column)));
    }

    private int behindColon(int offset) {
        int at = offset;
        while (at > 0 && text.text().charAt(at - 1) == ' ') {
            at--;
        }
        return at;
    }

    private Utf8Text replace(YamlNode node, JsonValue value, KeyPath path) throws InvalidDocumentException {
        boolean isInOnePiece = node instanceof Scalar
                || (node instanceof Sequence sequence && sequence.flow())
                || (node instanceof Mapping map && map.flow());
        if (!isInOnePiece) {
            throw cannotEdit(node.start(), path, "it holds a map or a list, and shall hold something else");
        }
        return text.splice(node.start(), node.end(), YamlText.flow(value));
    }

    // Removing

    @Override
    public YamlDocument without(KeyPath path) throws InvalidDocumentException {
        if (get(path).isEmpty()) {
            return this;
        }
        YamlNode node = editable(root.orElseThrow(), path);
        for (KeyPath above : path.parents()) {
            Entry entry = entry(mapping(node, path), above.last(), path);
            node = editable(entry.value(), path);
        }
        Mapping mapping = mapping(node, path);
        Entry entry = entry(mapping, path.last(), path);
        Utf8Text cut = mapping.flow()
                ? cutFlow(spans(mapping), mapping.entries().indexOf(entry))
                : cutLines(entry.start(), entry.end(), column(mapping, path));
        return checked(cut, Tree.without(meaning, path.keys()), path);
    }

    private Entry entry(Mapping mapping, String key, KeyPath path) throws InvalidDocumentException {
        Optional<Entry> entry = mapping.find(key);
        if (entry.isEmpty()) {
            throw cannotEdit(mapping.start(), path, "it does not stand there by itself");
        }
        return entry.get();
    }

    /** The lines from the first to the last character of something that has them for itself. */
    private Utf8Text cutLines(int start, int end, int column) {
        return text.cutLines(start - column, text.nextLine(end));
    }

    private record Span(int from, int to) {}

    private static List<Span> spans(Mapping mapping) {
        return mapping.entries().stream()
                .map(entry -> new Span(entry.start(), entry.end()))
                .toList();
    }

    private static List<Span> spans(Sequence sequence) {
        return sequence.items().stream()
                .map(item -> new Span(item.start(), item.end()))
                .toList();
    }

    /** Behind an item with the comma before it, else with the comma after it. */
    private Utf8Text cutFlow(List<Span> items, int index) {
        if (index > 0) {
            return text.splice(items.get(index - 1).to(), items.get(index).to(), "");
        }
        int to = items.size() > 1 ? items.get(1).from() : items.get(0).to();
        return text.splice(items.get(0).from(), to, "");
    }

    // Lists

    @Override
    public YamlDocument withElement(KeyPath path, String element) throws InvalidDocumentException {
        List<JsonValue> elements = elements(path);
        if (elements.contains(new JsonValue.Text(element))) {
            return this;
        }
        Optional<Sequence> sequence = sequence(path);
        if (sequence.isEmpty() || sequence.get().items().isEmpty()) {
            return sequence.isPresent() && !sequence.get().flow()
                    ? this
                    : with(path, JsonValue.Array.ofTexts(List.of(element)));
        }
        List<JsonValue> more = new ArrayList<>(elements);
        more.add(new JsonValue.Text(element));
        return checked(
                insert(sequence.get(), element, path),
                Tree.with(meaning, path.keys(), new JsonValue.Array(more)),
                path);
    }

    private Utf8Text insert(Sequence sequence, String element, KeyPath path) throws InvalidDocumentException {
        YamlNode last = last(sequence.items());
        if (sequence.flow()) {
            return insertFlow(
                    sequence.start(),
                    sequence.end(),
                    sequence.items().stream().map(YamlNode::start).toList(),
                    last.end(),
                    YamlText.quoted(element));
        }
        int dash = dash(last, path);
        String indent = text.text().substring(text.lineStart(dash), dash);
        return text.insertLines(text.nextLine(last.end()), lines(List.of(indent + "- " + YamlText.quoted(element))));
    }

    @Override
    public YamlDocument withoutElement(KeyPath path, String element) throws InvalidDocumentException {
        List<JsonValue> elements = elements(path);
        int index = elements.indexOf(new JsonValue.Text(element));
        if (index < 0) {
            return this;
        }
        Sequence sequence = sequence(path).orElseThrow();
        YamlNode item = sequence.items().get(index);
        int dash = sequence.flow() ? 0 : dash(item, path);
        Utf8Text cut = sequence.flow()
                ? cutFlow(spans(sequence), index)
                : cutLines(dash, item.end(), dash - text.lineStart(dash));
        List<JsonValue> fewer = new ArrayList<>(elements);
        fewer.remove(index);
        return checked(cut, Tree.with(meaning, path.keys(), new JsonValue.Array(fewer)), path)
                .withoutElement(path, element);
    }

    /** Those of a list; none where there is none. */
    private List<JsonValue> elements(KeyPath path) {
        return get(path)
                .filter(JsonValue.Array.class::isInstance)
                .map(list -> ((JsonValue.Array) list).elements())
                .orElse(List.of());
    }

    private Optional<Sequence> sequence(KeyPath path) throws InvalidDocumentException {
        Optional<JsonValue> value = get(path);
        if (value.isEmpty() || value.get() instanceof JsonValue.Null) {
            return Optional.empty();
        }
        YamlNode node = editable(root.orElseThrow(), path);
        for (String key : path.keys()) {
            node = editable(entry(mapping(node, path), key, path).value(), path);
        }
        if (node instanceof Sequence sequence) {
            return Optional.of(sequence);
        }
        throw cannotEdit(node.start(), path, "a list is expected there");
    }

    /** Where the dash of a list's item stands; it must be the first thing in its line. */
    private int dash(YamlNode item, KeyPath path) throws InvalidDocumentException {
        int at = text.text().lastIndexOf('-', item.start() - 1);
        boolean isAlone = at >= 0
                && text.text().substring(at + 1, item.start()).isBlank()
                && text.text().substring(text.lineStart(at), at).isBlank()
                && text.lineStart(at) == text.lineStart(item.start());
        if (!isAlone) {
            throw cannotEdit(item.start(), path, "the list is written in an unusual way");
        }
        return at;
    }

    // Places

    /** The column of a block mapping's keys; each must be the first thing in its line. */
    private int column(Mapping mapping, KeyPath path) throws InvalidDocumentException {
        for (Entry entry : mapping.entries()) {
            int lineStart = text.lineStart(entry.start());
            if (!text.text().substring(lineStart, entry.start()).chars().allMatch(c -> c == ' ')) {
                throw cannotEdit(entry.start(), path, "something else stands in the line before it");
            }
        }
        int start = mapping.entries().get(0).start();
        return start - text.lineStart(start);
    }

    private int endOfText() {
        return text.text().length();
    }

    private int behindDeeperComments(int offset, int column) {
        return behindDeeperComments(text, offset, column);
    }

    /** Comments that are indented further belong to what stands above them. */
    private static int behindDeeperComments(Utf8Text text, int offset, int column) {
        int at = offset;
        while (at < text.text().length()) {
            int word = at;
            while (word < text.text().length() && text.text().charAt(word) == ' ') {
                word++;
            }
            boolean isDeeperComment = word - at > column
                    && word < text.text().length()
                    && text.text().charAt(word) == '#';
            if (!isDeeperComment) {
                return at;
            }
            at = text.nextLine(word);
        }
        return at;
    }

    // Writing

    private static JsonValue nested(List<String> keys, JsonValue value) {
        JsonValue nested = value;
        for (int i = keys.size() - 1; i >= 0; i--) {
            nested = new JsonValue.Obj(Map.of(keys.get(i), nested));
        }
        return nested;
    }

    private List<String> block(List<String> keys, JsonValue value, int column) {
        return children(nested(keys, value), column - step());
    }

    /** The lines of what stands within a key at {@code column}. */
    private List<String> children(JsonValue value, int column) {
        List<String> lines = new ArrayList<>();
        if (value instanceof JsonValue.Obj map) {
            String indent = " ".repeat(column + step());
            map.members().forEach((key, member) -> {
                boolean isInline = isInline(member);
                lines.add(indent + YamlText.key(key) + ":" + (isInline ? " " + YamlText.flow(member) : ""));
                lines.addAll(isInline ? List.of() : children(member, column + step()));
            });
        } else if (value instanceof JsonValue.Array list) {
            String indent = " ".repeat(column + dashStep());
            list.elements().forEach(element -> lines.add(indent + "- " + YamlText.flow(element)));
        }
        return lines;
    }

    private static boolean isInline(JsonValue value) {
        return (value instanceof JsonValue.Obj map && map.members().isEmpty())
                || (value instanceof JsonValue.Array list && list.elements().isEmpty())
                || !(value instanceof JsonValue.Obj || value instanceof JsonValue.Array);
    }

    private String lines(List<String> lines) {
        return String.join(text.lineEnd(), lines) + text.lineEnd();
    }

    private int step() {
        return root.flatMap(node -> firstStep(node, false)).orElse(USUAL_STEP);
    }

    private int dashStep() {
        return root.flatMap(node -> firstStep(node, true)).orElse(USUAL_STEP);
    }

    /** How far the first map, or list, of the file stands to the right of its key. */
    private Optional<Integer> firstStep(YamlNode node, boolean ofLists) {
        if (!(node instanceof Mapping mapping) || mapping.flow()) {
            return Optional.empty();
        }
        for (Entry entry : mapping.entries()) {
            YamlNode value = entry.value();
            boolean isOne = ofLists
                    ? value instanceof Sequence list && !list.flow()
                    : value instanceof Mapping map && !map.flow();
            if (isOne && value.anchor() == null) {
                int step = columnOf(value.start()) - columnOf(entry.start());
                return Optional.of(ofLists ? Math.max(step, 0) : Math.max(step, 1));
            }
            Optional<Integer> deeper = firstStep(value, ofLists);
            if (deeper.isPresent()) {
                return deeper;
            }
        }
        return Optional.empty();
    }

    private int columnOf(int offset) {
        return offset - text.lineStart(offset);
    }

    // Reading again

    private YamlDocument checked(Utf8Text edited, JsonValue expected, KeyPath path) throws InvalidDocumentException {
        YamlDocument document;
        try {
            document = new YamlDocument(edited);
        } catch (InvalidDocumentException broken) {
            throw cannotEdit(0, path, "the file is written in a way that farrier cannot add to");
        }
        if (!normal(document.meaning).equals(normal(expected))) {
            throw cannotEdit(0, path, "the file is written in a way that farrier cannot add to");
        }
        return document;
    }

    /** As reading gives it: scalars are texts. */
    private static JsonValue plain(JsonValue value) {
        return Tree.map(value, leaf -> leaf instanceof JsonValue.Text ? leaf : new JsonValue.Text(leaf.text()));
    }

    /** A key without a value, an empty map and an empty list mean the same. */
    private static JsonValue normal(JsonValue value) {
        if (value instanceof JsonValue.Obj map) {
            Map<String, JsonValue> members = new LinkedHashMap<>();
            map.members().forEach((key, member) -> members.put(key, normal(member)));
            return members.isEmpty() ? new JsonValue.Null() : new JsonValue.Obj(members);
        }
        if (value instanceof JsonValue.Array list) {
            return list.elements().isEmpty()
                    ? new JsonValue.Null()
                    : new JsonValue.Array(
                            list.elements().stream().map(YamlDocument::normal).toList());
        }
        return value;
    }

    private static <T> T last(List<T> items) {
        return items.get(items.size() - 1);
    }

    /** What nodes mean, with aliases followed and maps merged in the order of the text, as yaml.v2 does it. */
    private static final class Meaning {
        private final Utf8Text text;
        private int values;

        Meaning(Utf8Text text) {
            this.text = text;
        }

        JsonValue of(Optional<YamlNode> root) throws InvalidDocumentException {
            if (isNothing(root)) {
                return new JsonValue.Null();
            }
            if (!(root.get() instanceof Mapping)) {
                throw text.problem(root.get().start(), "expected 'key: value' lines");
            }
            return of(root.get());
        }

        private JsonValue of(YamlNode written) throws InvalidDocumentException {
            if (++values > MAX_VALUES) {
                throw text.problem(written.start(), "aliases make more than " + MAX_VALUES + " values of this file");
            }
            YamlNode node = written.resolved();
            if (node instanceof Scalar scalar) {
                return scalar.isNull() ? new JsonValue.Null() : new JsonValue.Text(scalar.text());
            }
            if (node instanceof Sequence sequence) {
                List<JsonValue> elements = new ArrayList<>();
                for (YamlNode item : sequence.items()) {
                    elements.add(of(item));
                }
                return new JsonValue.Array(elements);
            }
            Map<String, JsonValue> members = new LinkedHashMap<>();
            collect((Mapping) node, members);
            return new JsonValue.Obj(members);
        }

        private void collect(Mapping mapping, Map<String, JsonValue> members) throws InvalidDocumentException {
            for (Entry entry : mapping.entries()) {
                if (entry.key().isMerge()) {
                    merge(entry.value(), members);
                } else {
                    members.put(entry.key().text(), of(entry.value()));
                }
            }
        }

        private void merge(YamlNode written, Map<String, JsonValue> members) throws InvalidDocumentException {
            YamlNode node = written.resolved();
            if (node instanceof Mapping mapping) {
                collect(mapping, members);
                return;
            }
            if (!(node instanceof Sequence sequence)) {
                throw text.problem(written.start(), "map merge requires map or sequence of maps as the value");
            }
            // From the last to the first: the first has the last word.
            for (int i = sequence.items().size() - 1; i >= 0; i--) {
                YamlNode item = sequence.items().get(i).resolved();
                if (!(item instanceof Mapping mapping)) {
                    throw text.problem(item.start(), "map merge requires map or sequence of maps as the value");
                }
                collect(mapping, members);
            }
        }
    }

    /** Equal bytes. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof YamlDocument that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return Objects.hash(text);
    }
}
