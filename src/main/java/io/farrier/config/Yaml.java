package io.farrier.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A value of a YAML file that knows its line. Aliases are already followed, keys are texts and unique. */
sealed interface Yaml {
    Origin origin();

    /** What it is, as a message says "but was ...". Never the content: it may be a password in the wrong place. */
    String kind();

    /** The bare content, to compare two values of different files. */
    Object content();

    default boolean saysTheSameAs(Yaml other) {
        return content().equals(other.content());
    }

    /**
     * @param plain false when quoted or a block: it is then a text, whatever it looks like
     */
    record Scalar(String text, boolean plain, Origin origin) implements Yaml {
        static Scalar byDefault(String text) {
            return new Scalar(text, true, Origin.DEFAULT);
        }

        /** YAML 1.2 core schema, so that {@code off} and {@code no} are texts and {@code 0755} is no surprise. */
        boolean isNull() {
            return plain && (text.isEmpty() || text.equals("~") || text.equalsIgnoreCase("null"));
        }

        boolean isBoolean() {
            return plain && (text.equals("true") || text.equals("false"));
        }

        @Override
        public String kind() {
            return isNull() ? "nothing" : "a single value";
        }

        @Override
        public Object content() {
            return text;
        }
    }

    record Sequence(List<Yaml> items, Origin origin) implements Yaml {
        public Sequence {
            items = List.copyOf(items);
        }

        @Override
        public String kind() {
            return "a list";
        }

        @Override
        public Object content() {
            return items.stream().map(Yaml::content).collect(Collectors.toList());
        }
    }

    record Mapping(Map<String, Entry> entries, Origin origin) implements Yaml {
        static final Mapping EMPTY = new Mapping(Map.of(), Origin.DEFAULT);

        public Mapping {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }

        Optional<Yaml> find(String key) {
            return Optional.ofNullable(entries.get(key)).map(Entry::value);
        }

        @Override
        public String kind() {
            return "a mapping";
        }

        @Override
        public Object content() {
            Map<String, Object> content = new LinkedHashMap<>();
            entries.forEach((key, entry) -> content.put(key, entry.value().content()));
            return content;
        }
    }

    /** @param key where the key stands; the value of a block mapping begins a line later */
    record Entry(Origin key, Yaml value) {}
}
