package io.farrier.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** A mapping with named properties; a name that is none of them is a mistake. */
final class Section<T> implements Type<T> {
    private final Function<Values, T> maker;
    private final Consumer<Values> rule;
    private final List<Property<?>> properties;

    private Section(Function<Values, T> maker, Consumer<Values> rule, List<Property<?>> properties) {
        this.maker = maker;
        this.rule = rule;
        this.properties = properties;
    }

    static <T> Section<T> of(Function<Values, T> maker, Property<?>... properties) {
        return new Section<>(maker, values -> {}, List.of(properties));
    }

    /** With a rule between properties; it is asked even when some of them could not be read. */
    Section<T> where(Consumer<Values> newRule) {
        return new Section<>(maker, newRule, properties);
    }

    @Override
    public Optional<T> read(Yaml value, Place place) {
        if (!(value instanceof Yaml.Mapping mapping)) {
            place.wrongType(value, "a mapping with " + String.join(", ", names()));
            return Optional.empty();
        }
        sayUnknown(mapping, place);
        Values values = new Values(mapping, place);
        boolean isWhole = true;
        for (Property<?> property : properties) {
            isWhole &= read(property, mapping, values, place);
        }
        rule.accept(values);
        return isWhole ? Optional.of(maker.apply(values)) : Optional.empty();
    }

    @Override
    public Map<String, Object> schema() {
        Map<String, Object> described = new LinkedHashMap<>();
        properties.forEach(property -> described.put(property.name(), schema(property)));
        Map<String, Object> schema = ScalarType.schema("type", "object", "additionalProperties", false);
        List<String> required = properties.stream()
                .filter(Property::isRequired)
                .map(Property::name)
                .toList();
        if (!required.isEmpty()) {
            schema.put("required", required);
        }
        schema.put("properties", described);
        return schema;
    }

    @Override
    public Yaml merge(Yaml first, Yaml second, Place place) {
        if (!(first instanceof Yaml.Mapping left) || !(second instanceof Yaml.Mapping right)) {
            return Type.super.merge(first, second, place);
        }
        Map<String, Yaml.Entry> merged = new LinkedHashMap<>(left.entries());
        right.entries()
                .forEach((name, entry) ->
                        merged.merge(name, entry, (ours, theirs) -> merge(name, ours, theirs, place.property(name))));
        return new Yaml.Mapping(merged, first.origin());
    }

    private Yaml.Entry merge(String name, Yaml.Entry ours, Yaml.Entry theirs, Place place) {
        return properties.stream()
                .filter(property -> property.name().equals(name))
                .findFirst()
                .map(property -> new Yaml.Entry(ours.key(), property.type().merge(ours.value(), theirs.value(), place)))
                .orElse(ours);
    }

    /** False after a problem. */
    private <V> boolean read(Property<V> property, Yaml.Mapping mapping, Values values, Place place) {
        Optional<Yaml> written = mapping.find(property.name());
        if (written.isEmpty() && property.isRequired()) {
            place.property(property.name()).problem(mapping.origin(), "is missing");
            return false;
        }
        Optional<Yaml> value = written.or(
                () -> Optional.ofNullable(property.byDefault()).map(byDefault -> byDefault.apply(place.reading())));
        if (value.isEmpty()) {
            return true;
        }
        Optional<V> read = property.type().read(value.get(), place.property(property.name()));
        read.ifPresent(v -> values.put(property, v));
        return read.isPresent();
    }

    private void sayUnknown(Yaml.Mapping mapping, Place place) {
        mapping.entries().forEach((name, entry) -> {
            if (!names().contains(name)) {
                place.property(name).problem(entry.key(), "is not known." + Suggestion.sentence(name, names()));
            }
        });
    }

    private List<String> names() {
        return properties.stream().map(Property::name).toList();
    }

    private static Map<String, Object> schema(Property<?> property) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("description", property.doc());
        schema.putAll(property.type().schema());
        if (property.defaultShown() != null) {
            schema.put("default", JsonType.value(Yaml.Scalar.byDefault(property.defaultShown())));
        }
        return schema;
    }
}
