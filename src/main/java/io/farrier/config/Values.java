package io.farrier.config;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What was read of one section. */
final class Values {
    private final Yaml.Mapping mapping;
    private final Place place;
    /** By identity: to hash a property, the JDK would first write a class for it, which took a tenth of the start. */
    private final Map<Property<?>, Object> values = new IdentityHashMap<>();

    Values(Yaml.Mapping mapping, Place place) {
        this.mapping = mapping;
        this.place = place;
    }

    <T> void put(Property<T> property, T value) {
        values.put(property, value);
    }

    /** The value of a property that is required or has a default. */
    <T> T get(Property<T> property) {
        return find(property).orElseThrow(() -> new IllegalStateException("no default for " + property.name()));
    }

    @SuppressWarnings("unchecked") // put() only takes a T for a Property<T>
    <T> Optional<T> find(Property<T> property) {
        return Optional.ofNullable((T) values.get(property));
    }

    <T> List<T> list(Property<List<T>> property) {
        return find(property).orElse(List.of());
    }

    <T> Map<String, T> map(Property<Map<String, T>> property) {
        return find(property).orElse(Map.of());
    }

    /** Whether a file says it, rightly or wrongly. */
    boolean isWritten(Property<?> property) {
        return mapping.entries().containsKey(property.name());
    }

    /** A problem between properties, told at the line of one of them. */
    void problem(Property<?> property, String saying) {
        place.property(property.name()).problem(origin(property), saying);
    }

    void warning(Property<?> property, String saying) {
        place.property(property.name()).warning(origin(property), saying);
    }

    Reading reading() {
        return place.reading();
    }

    private Origin origin(Property<?> property) {
        Yaml.Entry entry = mapping.entries().get(property.name());
        return entry == null ? mapping.origin() : entry.key();
    }
}
