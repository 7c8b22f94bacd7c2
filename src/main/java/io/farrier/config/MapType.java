package io.farrier.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A mapping whose keys the operator chooses. Several files' mappings are joined key by key.
 *
 * @param key the key as it is, or an IllegalArgumentException that says what is wrong with it
 */
record MapType<T>(UnaryOperator<String> key, Type<T> value) implements Type<Map<String, T>> {
    @Override
    public Optional<Map<String, T>> read(Yaml yaml, Place place) {
        if (!(yaml instanceof Yaml.Mapping mapping)) {
            place.wrongType(yaml, "a mapping");
            return Optional.empty();
        }
        if (mapping.entries().isEmpty()) {
            place.problem(yaml.origin(), "is an empty mapping; name at least one, or remove the line");
            return Optional.empty();
        }
        Map<String, T> read = new LinkedHashMap<>();
        mapping.entries().forEach((name, entry) -> {
            boolean isRightKey = isRight(name, entry.key(), place);
            Optional<T> item = value.read(entry.value(), place.key(name));
            if (isRightKey && item.isPresent()) {
                read.put(name, item.get());
            }
        });
        return read.size() == mapping.entries().size()
                ? Optional.of(Collections.unmodifiableMap(read))
                : Optional.empty();
    }

    @Override
    public Map<String, Object> schema() {
        return ScalarType.schema("type", "object", "minProperties", 1, "additionalProperties", value.schema());
    }

    @Override
    public Yaml merge(Yaml first, Yaml second, Place place) {
        if (!(first instanceof Yaml.Mapping left) || !(second instanceof Yaml.Mapping right)) {
            return Type.super.merge(first, second, place);
        }
        Map<String, Yaml.Entry> merged = new LinkedHashMap<>(left.entries());
        right.entries()
                .forEach((name, entry) -> merged.merge(
                        name,
                        entry,
                        (ours, theirs) -> new Yaml.Entry(
                                ours.key(), value.merge(ours.value(), theirs.value(), place.key(name)))));
        return new Yaml.Mapping(merged, first.origin());
    }

    private boolean isRight(String name, Origin origin, Place place) {
        try {
            Objects.requireNonNull(key.apply(name));
            return true;
        } catch (IllegalArgumentException wrong) {
            place.problem(origin, "has a wrong key: " + wrong.getMessage());
            return false;
        }
    }
}
