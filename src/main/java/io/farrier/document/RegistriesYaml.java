package io.farrier.document;

import io.farrier.document.YamlNode.Entry;
import io.farrier.document.YamlNode.Mapping;
import io.farrier.document.YamlNode.Scalar;
import io.farrier.document.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code registries.yaml} of k3s and RKE2: wharfie's struct (FACTS 2.1) over yaml.v2 without strictness. What it would
 * refuse is refused; what it drops in silence is an {@link Ignored}.
 */
public final class RegistriesYaml implements KeyedDocument {
    public static final String MIRRORS = "mirrors";
    public static final String CONFIGS = "configs";
    public static final String ENDPOINT = "endpoint";
    public static final String REWRITE = "rewrite";
    public static final String AUTH = "auth";
    public static final String TLS = "tls";

    /** The one key that is no text. */
    public static final String SKIP_VERIFY = "insecure_skip_verify";

    private static final Set<String> TRUE =
            Set.of("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON");
    private static final Set<String> FALSE =
            Set.of("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF");

    private static final Shape AUTH_SHAPE = Shape.struct(
            Map.of("username", Shape.TEXT, "password", Shape.TEXT, "auth", Shape.TEXT, "identity_token", Shape.TEXT));
    private static final Shape TLS_SHAPE = Shape.struct(
            Map.of("ca_file", Shape.TEXT, "cert_file", Shape.TEXT, "key_file", Shape.TEXT, SKIP_VERIFY, Shape.FLAG));
    private static final Shape MIRROR_SHAPE =
            Shape.struct(Map.of(ENDPOINT, Shape.TEXTS, REWRITE, Shape.mapOf(Shape.TEXT)));
    private static final Shape ROOT = Shape.struct(Map.of(
            MIRRORS,
            Shape.mapOf(MIRROR_SHAPE),
            CONFIGS,
            Shape.mapOf(Shape.struct(Map.of(AUTH, AUTH_SHAPE, TLS, TLS_SHAPE))),
            "auths",
            Shape.mapOf(AUTH_SHAPE)));

    /** What people write instead, from the issue trackers of k3s and RKE2. */
    private static final Map<String, String> MEANT = Map.of(
            "token", "Did you mean 'identity_token'?",
            "identitytoken", "Did you mean 'identity_token'?",
            "override_path", "It is not needed: an endpoint with a path is taken as it is.",
            "endpoints", "Did you mean 'endpoint'?",
            "rewrites", "Did you mean 'rewrite'?",
            "mirror", "Did you mean 'mirrors'?",
            "config", "Did you mean 'configs'?",
            "insecure", "Did you mean 'tls: insecure_skip_verify'?",
            "skip_verify", "Did you mean 'insecure_skip_verify'?",
            "ca", "Did you mean 'ca_file'?");

    private final YamlDocument document;
    private final List<Ignored> ignored;

    private RegistriesYaml(YamlDocument document) throws InvalidDocumentException {
        this.document = document;
        List<Ignored> found = new ArrayList<>();
        if (document.root().isPresent()) {
            check(document.root().get(), ROOT, null, found);
        }
        this.ignored = List.copyOf(found);
    }

    /**
     * A key that k3s does not know and drops without a word.
     *
     * @param hint what to do, a sentence
     */
    public record Ignored(KeyPath path, int line, int column, String hint) {}

    /** @param endpoints in the order in which they are tried */
    public record Mirror(List<String> endpoints, Map<String, String> rewrites) {}

    /** What an absent file becomes when something is put into it. */
    public static RegistriesYaml empty() {
        try {
            return new RegistriesYaml(YamlDocument.empty());
        } catch (InvalidDocumentException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    public static RegistriesYaml parse(byte[] bytes) throws InvalidDocumentException {
        return new RegistriesYaml(YamlDocument.parse(bytes));
    }

    @Override
    public byte[] bytes() {
        return document.bytes();
    }

    @Override
    public boolean isEmpty() {
        return document.isEmpty();
    }

    /** As k3s takes it; {@link #SKIP_VERIFY} is a {@link JsonValue.Bool}. */
    @Override
    public Optional<JsonValue> get(KeyPath path) {
        return document.get(path).map(value -> typed(path.last(), value));
    }

    private static JsonValue typed(String key, JsonValue value) {
        return key.equals(SKIP_VERIFY) && value instanceof JsonValue.Text word
                ? new JsonValue.Bool(TRUE.contains(word.value()))
                : value;
    }

    /** All that k3s takes from it; keys that it ignores are in it, too. */
    public JsonValue meaning() {
        return document.meaning();
    }

    public Map<String, Mirror> mirrors() {
        Map<String, Mirror> mirrors = new LinkedHashMap<>();
        for (String name : keys(KeyPath.of(MIRRORS))) {
            KeyPath mirror = KeyPath.of(MIRRORS, name);
            List<String> endpoints = get(mirror.child(ENDPOINT))
                    .filter(JsonValue.Array.class::isInstance)
                    .map(list -> ((JsonValue.Array) list).texts())
                    .orElse(List.of());
            Map<String, String> rewrites = new LinkedHashMap<>();
            for (String pattern : keys(mirror.child(REWRITE))) {
                get(mirror.child(REWRITE).child(pattern)).ifPresent(to -> rewrites.put(pattern, textOf(to)));
            }
            mirrors.put(name, new Mirror(endpoints, rewrites));
        }
        return mirrors;
    }

    /** The keys of {@code configs}: hosts of endpoints. */
    public List<String> configs() {
        return keys(KeyPath.of(CONFIGS));
    }

    private List<String> keys(KeyPath path) {
        return get(path)
                .filter(JsonValue.Obj.class::isInstance)
                .map(map -> List.copyOf(((JsonValue.Obj) map).members().keySet()))
                .orElse(List.of());
    }

    private static String textOf(JsonValue value) {
        return value instanceof JsonValue.Text text ? text.value() : "";
    }

    public List<Ignored> ignored() {
        return ignored;
    }

    /** True when somebody's login is in it. */
    public boolean hasSecrets() {
        return secrets(document.meaning(), false);
    }

    private static boolean secrets(JsonValue value, boolean within) {
        if (value instanceof JsonValue.Obj map) {
            return map.members().entrySet().stream()
                    .anyMatch(member -> secrets(member.getValue(), within || isSecret(member.getKey())));
        }
        return within && value instanceof JsonValue.Text;
    }

    /** All of it, as k3s would also read it from JSON, with {@code ***} for each secret. */
    public JsonValue masked() {
        return masked(document.meaning());
    }

    private static JsonValue masked(JsonValue value) {
        if (!(value instanceof JsonValue.Obj map)) {
            return value;
        }
        Map<String, JsonValue> members = new LinkedHashMap<>();
        map.members().forEach((key, member) -> members.put(key, masked(key, member)));
        return new JsonValue.Obj(members);
    }

    private static JsonValue masked(String key, JsonValue value) {
        if (!(value instanceof JsonValue.Text text)) {
            return masked(value);
        }
        if (isSecret(key)) {
            return new JsonValue.Text("***");
        }
        // In quotes it is a text, and k3s refuses the file.
        return key.equals(SKIP_VERIFY) ? new JsonValue.Bool(text.value().equals("true")) : text;
    }

    /** True for keys whose text must not be shown. */
    public static boolean isSecret(String key) {
        return Set.of("password", AUTH, "identity_token", "token").contains(key);
    }

    @Override
    public RegistriesYaml with(KeyPath path, JsonValue value) throws InvalidDocumentException {
        return get(path).equals(Optional.of(value)) ? this : of(document.with(path, value));
    }

    @Override
    public RegistriesYaml without(KeyPath path) throws InvalidDocumentException {
        return of(document.without(path));
    }

    @Override
    public RegistriesYaml withElement(KeyPath list, String element) throws InvalidDocumentException {
        return of(document.withElement(list, element));
    }

    @Override
    public RegistriesYaml withoutElement(KeyPath list, String element) throws InvalidDocumentException {
        return of(document.withoutElement(list, element));
    }

    private RegistriesYaml of(YamlDocument edited) throws InvalidDocumentException {
        return edited == document ? this : new RegistriesYaml(edited);
    }

    // The struct

    /**
     * What yaml.v2 expects somewhere.
     *
     * @param fields of a struct; other keys are ignored
     * @param each what each value of a map is
     */
    private record Shape(
            Kind kind, Map<String, Shape> fields, @Nullable Shape each) {
        enum Kind {
            TEXT("a text"),
            FLAG("true or false"),
            TEXTS("a list of texts"),
            MAP("a map"),
            STRUCT("a map");

            private final String words;

            Kind(String words) {
                this.words = words;
            }
        }

        static final Shape TEXT = new Shape(Kind.TEXT, Map.of(), null);
        static final Shape FLAG = new Shape(Kind.FLAG, Map.of(), null);
        static final Shape TEXTS = new Shape(Kind.TEXTS, Map.of(), TEXT);

        static Shape struct(Map<String, Shape> fields) {
            return new Shape(Kind.STRUCT, fields, null);
        }

        static Shape mapOf(Shape each) {
            return new Shape(Kind.MAP, Map.of(), each);
        }

        boolean accepts(YamlNode node) {
            return switch (kind) {
                case TEXT -> node instanceof Scalar;
                case FLAG ->
                    node instanceof Scalar word
                            && word.plain()
                            && (TRUE.contains(word.text()) || FALSE.contains(word.text()));
                case TEXTS -> node instanceof Sequence;
                case MAP, STRUCT -> node instanceof Mapping;
            };
        }
    }

    /** @param path null at the root */
    private void check(YamlNode written, Shape shape, @Nullable KeyPath path, List<Ignored> found)
            throws InvalidDocumentException {
        YamlNode node = written.resolved();
        if (node instanceof Scalar scalar && scalar.isNull()) {
            return;
        }
        if (!shape.accepts(node)) {
            throw document.problem(
                    written.start(), "'" + path + "' must be " + shape.kind().words + "; k3s does not start with it");
        }
        if (node instanceof Sequence sequence) {
            for (YamlNode item : sequence.items()) {
                check(item, Shape.TEXT, path, found);
            }
        }
        if (node instanceof Mapping mapping) {
            checkEntries(mapping, shape, path, found);
        }
    }

    private void checkEntries(Mapping mapping, Shape shape, @Nullable KeyPath path, List<Ignored> found)
            throws InvalidDocumentException {
        for (Entry entry : mapping.entries()) {
            String key = entry.key().text();
            KeyPath at = path == null ? KeyPath.of(key) : path.child(key);
            Shape member = shape.kind() == Shape.Kind.MAP
                    ? shape.each()
                    : shape.fields().get(key);
            if (entry.key().isMerge()) {
                checkMerged(entry.value().resolved(), shape, path, found);
            } else if (member != null) {
                check(entry.value(), member, at, found);
            } else if (entry.value().anchor() == null) {
                // Under a key of no meaning people keep what they refer to.
                found.add(ignored(entry, at, shape));
            }
        }
    }

    private void checkMerged(YamlNode node, Shape shape, @Nullable KeyPath path, List<Ignored> found)
            throws InvalidDocumentException {
        if (node instanceof Mapping mapping) {
            checkEntries(mapping, shape, path, found);
        } else if (node instanceof Sequence sequence) {
            for (YamlNode item : sequence.items()) {
                checkMerged(item.resolved(), shape, path, found);
            }
        }
    }

    private Ignored ignored(Entry entry, KeyPath at, Shape shape) {
        InvalidDocumentException place = document.problem(entry.start(), "");
        String known = String.join(", ", new java.util.TreeSet<>(shape.fields().keySet()));
        String hint = MEANT.getOrDefault(at.last(), "Known here: " + known + ".");
        return new Ignored(at, place.line(), place.column(), hint);
    }

    /** Equal bytes. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RegistriesYaml that && document.equals(that.document);
    }

    @Override
    public int hashCode() {
        return document.hashCode();
    }
}
