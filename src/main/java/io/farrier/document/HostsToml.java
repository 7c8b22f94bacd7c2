package io.farrier.document;

import io.farrier.image.ByContent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * containerd's {@code hosts.toml}: how one registry is asked (docs/hosts.md). What containerd would refuse is refused: it
 * would then fall back to other files without a word to anybody but its log ("failed to decode hosts.toml").
 */
public final class HostsToml implements KeyedDocument {
    public static final String SERVER = "server";
    public static final String HOST = "host";
    public static final String CAPABILITIES = "capabilities";
    public static final String CA = "ca";
    public static final String CLIENT = "client";
    public static final String SKIP_VERIFY = "skip_verify";
    public static final String OVERRIDE_PATH = "override_path";
    public static final String HEADER = "header";

    /** Of any other, containerd says "unknown capability" and reads nothing of the file. */
    private static final List<String> KNOWN = List.of("pull", "resolve", "push", "referrers");

    private static final ByContent<HostsToml> PARSED = new ByContent<>();

    private final TomlDocument document;

    private HostsToml(TomlDocument document) throws InvalidDocumentException {
        this.document = document;
        checkHost(List.of());
        require(KeyPath.of(SERVER), Kind.TEXT);
        require(KeyPath.of(HOST), Kind.TABLE);
        for (String url : hosts()) {
            require(KeyPath.of(HOST, url), Kind.TABLE);
            checkHost(List.of(HOST, url));
        }
    }

    /** What an absent file becomes when something is put into it. */
    public static HostsToml empty() {
        try {
            return new HostsToml(TomlDocument.empty());
        } catch (InvalidDocumentException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    public static HostsToml parse(byte[] bytes) throws InvalidDocumentException {
        return PARSED.of(bytes, content -> new HostsToml(TomlDocument.parse(content)));
    }

    private enum Kind {
        TEXT("a text"),
        FLAG("true or false"),
        CAPABILITIES("a list of 'pull', 'resolve', 'push' and 'referrers'"),
        TEXT_OR_TEXTS("a text or a list of texts"),
        TEXT_OR_PAIRS("a text, or a list of texts or of pairs"),
        TABLE("a table");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        boolean accepts(JsonValue value) {
            return switch (this) {
                case TEXT -> value instanceof JsonValue.Text;
                case FLAG -> value instanceof JsonValue.Bool;
                case CAPABILITIES -> isTexts(value) && KNOWN.containsAll(((JsonValue.Array) value).texts());
                case TEXT_OR_TEXTS -> value instanceof JsonValue.Text || isTexts(value);
                case TEXT_OR_PAIRS ->
                    value instanceof JsonValue.Text
                            || (value instanceof JsonValue.Array list
                                    && list.elements().stream()
                                            .allMatch(each -> each instanceof JsonValue.Text || isTexts(each)));
                case TABLE -> value instanceof JsonValue.Obj;
            };
        }

        private static boolean isTexts(JsonValue value) {
            return value instanceof JsonValue.Array list
                    && list.elements().stream().allMatch(JsonValue.Text.class::isInstance);
        }
    }

    private static final SortedMap<String, Kind> KINDS = new TreeMap<>(Map.of(
            CAPABILITIES, Kind.CAPABILITIES,
            CA, Kind.TEXT_OR_TEXTS,
            CLIENT, Kind.TEXT_OR_PAIRS,
            SKIP_VERIFY, Kind.FLAG,
            OVERRIDE_PATH, Kind.FLAG,
            HEADER, Kind.TABLE));

    private void checkHost(List<String> table) throws InvalidDocumentException {
        for (Map.Entry<String, Kind> key : KINDS.entrySet()) {
            List<String> path = new java.util.ArrayList<>(table);
            path.add(key.getKey());
            require(new KeyPath(path), key.getValue());
        }
    }

    private void require(KeyPath path, Kind kind) throws InvalidDocumentException {
        if (!document.get(path).map(kind::accepts).orElse(true)) {
            throw document.problem(
                    path, "'" + path + "' must be " + kind.words + "; containerd ignores the whole file");
        }
    }

    @Override
    public byte[] bytes() {
        return document.bytes();
    }

    @Override
    public boolean isEmpty() {
        return document.isEmpty();
    }

    @Override
    public Optional<JsonValue> get(KeyPath path) {
        return document.get(path);
    }

    /** The URLs of the host tables, in the order in which containerd asks them. */
    public List<String> hosts() {
        return document.get(KeyPath.of(HOST))
                .filter(JsonValue.Obj.class::isInstance)
                .map(tables -> List.copyOf(((JsonValue.Obj) tables).members().keySet()))
                .orElse(List.of());
    }

    @Override
    public HostsToml with(KeyPath path, JsonValue value) throws InvalidDocumentException {
        return of(document.with(path, value));
    }

    @Override
    public HostsToml without(KeyPath path) throws InvalidDocumentException {
        return of(document.without(path));
    }

    /** A single text where a list can be becomes a list. */
    @Override
    public HostsToml withElement(KeyPath list, String element) throws InvalidDocumentException {
        Optional<JsonValue> there = document.get(list);
        if (there.isPresent() && there.get() instanceof JsonValue.Text single) {
            return single.value().equals(element)
                    ? this
                    : of(document.with(list, JsonValue.Array.ofTexts(List.of(single.value(), element))));
        }
        return of(document.withElement(list, element));
    }

    @Override
    public HostsToml withoutElement(KeyPath list, String element) throws InvalidDocumentException {
        return of(document.withoutElement(list, element));
    }

    private HostsToml of(TomlDocument edited) throws InvalidDocumentException {
        return edited == document ? this : new HostsToml(edited);
    }

    /** Equal bytes. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HostsToml that && document.equals(that.document);
    }

    @Override
    public int hashCode() {
        return document.hashCode();
    }
}
