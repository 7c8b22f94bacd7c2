package io.farrier.document;

import io.farrier.document.JsonReader.Member;
import io.farrier.document.JsonReader.Span;
import io.farrier.document.JsonReader.TopLevel;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A JSON file with one object, edited by cutting and inserting text: every byte that was not asked to change stays,
 * whatever the indentation, line ends, order and byte order mark. What is inserted takes its style from what stands
 * before it, so that adding and then removing gives back the same bytes.
 *
 * <p>The one exception: an empty object written over several lines comes back as {@code {}}.
 */
public final class JsonDocument {
    /** A daemon.json of more than a megabyte is not one. */
    public static final int MAX_BYTES = 1024 * 1024;

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final String mark;
    private final String text;
    private final TopLevel top;

    private JsonDocument(String mark, String text) throws InvalidDocumentException {
        this.mark = mark;
        this.text = text;
        this.top = new JsonReader(text).read();
    }

    /** What an absent file becomes when something is put into it. */
    public static JsonDocument empty() {
        return reread("", "{}\n");
    }

    /** @throws InvalidDocumentException with line and column, in our words and in those dockerd's decoder would use */
    public static JsonDocument parse(byte[] bytes) throws InvalidDocumentException {
        if (bytes.length > MAX_BYTES) {
            throw new InvalidDocumentException(
                    1, 1, "it has " + bytes.length + " bytes; at most " + MAX_BYTES + " are expected");
        }
        String text = decode(bytes);
        boolean marked = !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK;
        return new JsonDocument(marked ? text.substring(0, 1) : "", marked ? text.substring(1) : text);
    }

    private static String decode(byte[] bytes) throws InvalidDocumentException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(in)
                    .toString();
        } catch (CharacterCodingException malformed) {
            String before = new String(bytes, 0, in.position(), StandardCharsets.UTF_8);
            int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
            int column = before.length() - before.lastIndexOf('\n');
            throw new InvalidDocumentException(
                    line, column, "line " + line + ", column " + column + " is not JSON: the bytes are not UTF-8");
        }
    }

    public byte[] bytes() {
        return (mark + text).getBytes(StandardCharsets.UTF_8);
    }

    /** True with a byte order mark, which dockerd refuses before 23.0. */
    public boolean hasByteOrderMark() {
        return !mark.isEmpty();
    }

    public List<String> keys() {
        return top.members().stream().map(Member::key).toList();
    }

    public Optional<JsonValue> get(String key) {
        return member(key).map(Member::meaning);
    }

    /** The strings of the key's list; none when it is absent or {@code null}. */
    public List<String> texts(String key) {
        return member(key).map(member -> list(member).texts()).orElse(List.of());
    }

    public boolean isEmpty() {
        return top.members().isEmpty();
    }

    /** With the key set; the same document when it has that value already, however it is written. */
    public JsonDocument with(String key, JsonValue value) {
        Optional<Member> member = member(key);
        if (member.isEmpty()) {
            return insertMember(new JsonValue.Text(key).text() + colon() + value.text());
        }
        if (member.get().meaning().equals(value)) {
            return this;
        }
        return splice(member.get().value(), value.text());
    }

    /** Without the key; the same document when it has none. */
    public JsonDocument without(String key) {
        return member(key).map(this::cut).orElse(this);
    }

    /**
     * With one more string at the end of the key's list, which is made when it is absent or {@code null}; the same
     * document when the list has it.
     *
     * @throws IllegalStateException when the key holds something else than a list
     */
    public JsonDocument withElement(String key, String element) {
        Optional<Member> member = member(key);
        if (member.isEmpty() || member.get().meaning() instanceof JsonValue.Null) {
            return with(key, JsonValue.Array.ofTexts(List.of(element)));
        }
        JsonValue.Array list = list(member.get());
        if (list.texts().contains(element)) {
            return this;
        }
        String word = new JsonValue.Text(element).text();
        List<Span> elements = member.get().elements();
        return elements.isEmpty()
                ? insertOnly(insideOf(member.get().value()), word, false)
                : insertAfter(elements, member.get().value().from() + 1, word);
    }

    /** Without that string in the key's list; an emptied list stays, as {@code []}. */
    public JsonDocument withoutElement(String key, String element) {
        JsonDocument left = this;
        for (Optional<Member> holder = left.holder(key, element); holder.isPresent(); ) {
            left = left.cutElement(holder.get(), element);
            holder = left.holder(key, element);
        }
        return left;
    }

    private Optional<Member> holder(String key, String element) {
        return member(key).filter(member -> list(member).texts().contains(element));
    }

    private JsonDocument cutElement(Member member, String element) {
        int index = list(member).elements().indexOf(new JsonValue.Text(element));
        return cut(member.elements(), index, insideOf(member.value()), false);
    }

    private Optional<Member> member(String key) {
        return top.members().stream().filter(member -> member.key().equals(key)).findFirst();
    }

    /** Go reads {@code null} as a list of nothing. */
    private static JsonValue.Array list(Member member) {
        if (member.meaning() instanceof JsonValue.Null) {
            return new JsonValue.Array(List.of());
        }
        if (member.meaning() instanceof JsonValue.Array list) {
            return list;
        }
        throw new IllegalStateException("'" + member.key() + "' is not a list");
    }

    private static Span insideOf(Span brackets) {
        return new Span(brackets.from() + 1, brackets.to() - 1);
    }

    private JsonDocument insertMember(String member) {
        List<Span> members = wholeMembers();
        return members.isEmpty()
                ? insertOnly(new Span(top.open() + 1, top.close()), member, true)
                : insertAfter(members, top.open() + 1, member);
    }

    private JsonDocument cut(Member member) {
        return cut(wholeMembers(), top.members().indexOf(member), new Span(top.open() + 1, top.close()), true);
    }

    private List<Span> wholeMembers() {
        return top.members().stream()
                .map(member -> new Span(member.name().from(), member.value().to()))
                .toList();
    }

    /** Behind the last of {@code items}, separated as that one is. */
    private JsonDocument insertAfter(List<Span> items, int inside, String word) {
        Span last = items.get(items.size() - 1);
        String space = spaceBefore(last, inside);
        boolean separates = items.size() > 1 || space.indexOf('\n') >= 0;
        return splice(new Span(last.to(), last.to()), "," + (separates ? space : " ") + word);
    }

    private String spaceBefore(Span item, int floor) {
        int from = item.from();
        while (from > floor && " \t\r\n".indexOf(text.charAt(from - 1)) >= 0) {
            from--;
        }
        return text.substring(from, item.from());
    }

    /** As the only item of an object or list; the white space that stood there ends up behind it. */
    private JsonDocument insertOnly(Span inside, String word, boolean onItsOwnLine) {
        String space = text.substring(inside.from(), inside.to());
        if (space.isEmpty() && onItsOwnLine) {
            return splice(inside, lineEnd() + "  " + word + lineEnd());
        }
        String lead = space.indexOf('\n') >= 0 ? space + "  " : space;
        return splice(inside, lead + word + space);
    }

    /** The exact opposite of inserting: behind an item with the comma before it, else with the comma after it. */
    private JsonDocument cut(List<Span> items, int index, Span inside, boolean collapses) {
        if (index > 0) {
            return splice(new Span(items.get(index - 1).to(), items.get(index).to()), "");
        }
        if (items.size() > 1) {
            return splice(new Span(items.get(0).from(), items.get(1).from()), "");
        }
        String rest = text.substring(items.get(0).to(), inside.to());
        boolean ownLine = collapses && (rest.equals("\n") || rest.equals("\r\n"));
        return splice(inside, ownLine ? "" : rest);
    }

    private String lineEnd() {
        return text.contains("\r\n") ? "\r\n" : "\n";
    }

    /** The colon as the last member has it, so that {@code {"a":1}} grows to {@code {"a":1, "b":2}}. */
    private String colon() {
        List<Member> members = top.members();
        if (members.isEmpty()) {
            return ": ";
        }
        Member last = members.get(members.size() - 1);
        String colon = text.substring(last.name().to(), last.value().from());
        return colon.strip().equals(":") && colon.indexOf('\n') < 0 ? colon : ": ";
    }

    private JsonDocument splice(Span span, String replacement) {
        return reread(mark, text.substring(0, span.from()) + replacement + text.substring(span.to()));
    }

    private static JsonDocument reread(String mark, String text) {
        try {
            return new JsonDocument(mark, text);
        } catch (InvalidDocumentException impossible) {
            throw new IllegalStateException("an edit broke the document: " + impossible.getMessage(), impossible);
        }
    }

    /** Equal bytes. */
    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof JsonDocument that && mark.equals(that.mark) && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return Objects.hash(mark, text);
    }
}
