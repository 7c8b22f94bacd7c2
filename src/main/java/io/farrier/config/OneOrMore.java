package io.farrier.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One value, or a list of them. */
record OneOrMore<T>(Type<T> item) implements Type<List<T>> {
    @Override
    public Optional<List<T>> read(Yaml value, Place place) {
        return value instanceof Yaml.Sequence
                ? ListType.of(item).read(value, place)
                : item.read(value, place).map(List::of);
    }

    @Override
    public Map<String, Object> schema() {
        return Map.of("anyOf", List.of(item.schema(), ListType.of(item).schema()));
    }
}
