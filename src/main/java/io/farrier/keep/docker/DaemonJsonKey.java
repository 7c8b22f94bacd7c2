package io.farrier.keep.docker;

import io.farrier.document.InvalidDocumentException;
import io.farrier.document.JsonValue;
import io.farrier.plan.Consequence.Action;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What dockerd does with one key of daemon.json, from {@code daemon-json-keys.txt}.
 *
 * @param from first major version that knows it
 * @param to last major version that knows it
 * @param effect what it takes to get a change into effect
 * @param reset the value that has the effect of absence; empty where none has, or none is needed
 * @param fallsBack true when dockerd notices at a reload that the key is gone
 */
record DaemonJsonKey(
        String name, Type type, int from, int to, Action effect, Optional<JsonValue> reset, boolean fallsBack) {
    /** The JSON type that dockerd's decoder insists on. */
    enum Type {
        BOOL("true or false"),
        NUMBER("a number"),
        TEXT("a text"),
        LIST("a list of texts"),
        MAP("a map"),
        OBJECTS("a list of maps"),
        ANY("a number or a text");

        private final String words;

        Type(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }

        boolean accepts(JsonValue value) {
            return switch (this) {
                case BOOL -> value instanceof JsonValue.Bool;
                case NUMBER -> value instanceof JsonValue.Num;
                case TEXT -> value instanceof JsonValue.Text;
                case LIST ->
                    value instanceof JsonValue.Array list
                            && list.texts().size() == list.elements().size();
                case MAP -> value instanceof JsonValue.Obj;
                case OBJECTS ->
                    value instanceof JsonValue.Array list
                            && list.elements().stream().allMatch(JsonValue.Obj.class::isInstance);
                case ANY -> value instanceof JsonValue.Num || value instanceof JsonValue.Text;
            };
        }
    }

    private static final Map<String, DaemonJsonKey> ALL = read();

    static Optional<DaemonJsonKey> find(String name) {
        return Optional.ofNullable(ALL.get(name));
    }

    boolean isKnownTo(EngineVersion version) {
        return version.major() >= from && version.major() <= to;
    }

    /** False also for a key that dockerd does not know. */
    static boolean reloads(String name) {
        return find(name).filter(DaemonJsonKey::isReloadable).isPresent();
    }

    boolean isReloadable() {
        return effect == Action.RELOAD;
    }

    /** What is wrong with the value, in words that follow the key's name. */
    Optional<String> problemWith(JsonValue value) {
        if (!type.accepts(value)) {
            return Optional.of("must be " + type.words());
        }
        // json: cannot unmarshal number into Go struct field Config.log-opts of type string
        boolean textsOnly = name.equals("log-opts") || name.equals("cluster-store-opts");
        if (textsOnly
                && !((JsonValue.Obj) value).members().values().stream().allMatch(JsonValue.Text.class::isInstance)) {
            return Optional.of("must have texts as values: write \"3\", not 3");
        }
        return Optional.empty();
    }

    private static Map<String, DaemonJsonKey> read() {
        Map<String, DaemonJsonKey> keys = new TreeMap<>();
        try (InputStream in = Objects.requireNonNull(
                        DaemonJsonKey.class.getResourceAsStream("daemon-json-keys.txt"), "daemon-json-keys.txt");
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            lines.lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(DaemonJsonKey::parse)
                    .forEach(key -> keys.put(key.name(), key));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
        return keys;
    }

    private static DaemonJsonKey parse(String line) {
        String[] column = line.trim().split("\\s+", -1);
        boolean resets = !column[5].equals("-") && !column[5].equals("auto");
        return new DaemonJsonKey(
                column[0],
                Type.valueOf(column[1].toUpperCase(java.util.Locale.ROOT)),
                Integer.parseInt(column[2]),
                column[3].equals("-") ? Integer.MAX_VALUE : Integer.parseInt(column[3]),
                Action.valueOf(column[4].toUpperCase(java.util.Locale.ROOT)),
                resets ? Optional.of(value(column[5])) : Optional.empty(),
                column[5].equals("auto"));
    }

    private static JsonValue value(String json) {
        try {
            return JsonValue.parse(json);
        } catch (InvalidDocumentException broken) {
            throw new IllegalStateException("daemon-json-keys.txt: " + json, broken);
        }
    }
}
