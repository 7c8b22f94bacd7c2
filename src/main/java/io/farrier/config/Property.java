package io.farrier.config;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One named value of a section: what it is called, what it can be, what it is for, and what it is when nobody says it.
 *
 * @param doc one sentence for the JSON Schema
 * @param byDefault what to read in its absence, as if it stood in the file; null when it then has no value
 * @param defaultShown the default as the schema shows it; null when it has none or it depends on the node
 */
record Property<T>(
        String name,
        Type<T> type,
        String doc,
        boolean isRequired,
        @Nullable Function<Reading, Yaml> byDefault,
        @Nullable String defaultShown) {

    static <T> Property<T> required(String name, Type<T> type, String doc) {
        return new Property<>(name, type, doc, true, null, null);
    }

    static <T> Property<T> optional(String name, Type<T> type, String doc) {
        return new Property<>(name, type, doc, false, null, null);
    }

    /** @param text as it would stand in the file */
    static <T> Property<T> withDefault(String name, Type<T> type, String text, String doc) {
        return new Property<>(name, type, doc, false, reading -> Yaml.Scalar.byDefault(text), text);
    }

    static <T> Property<T> withDefault(String name, Type<T> type, Function<Reading, String> text, String doc) {
        return new Property<>(name, type, doc, false, reading -> Yaml.Scalar.byDefault(text.apply(reading)), null);
    }

    /** A section that is there even when nothing of it is written. */
    static <T> Property<T> section(String name, Section<T> section, String doc) {
        return new Property<>(name, section, doc, false, reading -> Yaml.Mapping.EMPTY, null);
    }
}
