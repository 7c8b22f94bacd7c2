package io.farrier.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A list that is not empty. Lists of several files are joined, unless their order has a meaning. */
final class ListType<T> implements Type<List<T>> {
    private final Type<T> item;
    private final Joining joining;
    private final String keyProperty;

    private enum Joining {
        /** The one file's items, then the other's. */
        APPENDED,
        /** The order counts, so one file must say it all. */
        WHOLE,
        /** Items with the same key become one. */
        BY_KEY
    }

    private ListType(Type<T> item, Joining joining, String keyProperty) {
        this.item = item;
        this.joining = joining;
        this.keyProperty = keyProperty;
    }

    static <T> ListType<T> of(Type<T> item) {
        return new ListType<>(item, Joining.APPENDED, "");
    }

    static <T> ListType<T> inOrder(Type<T> item) {
        return new ListType<>(item, Joining.WHOLE, "");
    }

    /** Mappings that name themselves by one property, such as registries by their host. */
    static <T> ListType<T> byKey(String property, Type<T> item) {
        return new ListType<>(item, Joining.BY_KEY, property);
    }

    @Override
    public Optional<List<T>> read(Yaml value, Place place) {
        if (!(value instanceof Yaml.Sequence sequence)) {
            place.wrongType(value, "a list");
            return Optional.empty();
        }
        if (sequence.items().isEmpty()) {
            place.problem(value.origin(), "is an empty list; name at least one, or remove the line");
            return Optional.empty();
        }
        sayDuplicateKeys(sequence, place);
        List<T> items = new ArrayList<>();
        for (int i = 0; i < sequence.items().size(); i++) {
            item.read(sequence.items().get(i), place.item(i)).ifPresent(items::add);
        }
        return items.size() == sequence.items().size() ? Optional.of(List.copyOf(items)) : Optional.empty();
    }

    @Override
    public Map<String, Object> schema() {
        return ScalarType.schema("type", "array", "minItems", 1, "items", item.schema());
    }

    @Override
    public Yaml merge(Yaml first, Yaml second, Place place) {
        if (joining == Joining.WHOLE
                || !(first instanceof Yaml.Sequence left)
                || !(second instanceof Yaml.Sequence right)) {
            return Type.super.merge(first, second, place);
        }
        List<Yaml> merged = new ArrayList<>(left.items());
        for (Yaml theirs : right.items()) {
            int same = joining == Joining.BY_KEY ? indexOf(theirs, left.items()) : -1;
            if (same < 0) {
                merged.add(theirs);
            } else {
                merged.set(same, item.merge(merged.get(same), theirs, place.item(same)));
            }
        }
        return new Yaml.Sequence(merged, first.origin());
    }

    private void sayDuplicateKeys(Yaml.Sequence sequence, Place place) {
        Map<Object, Origin> seen = new HashMap<>();
        for (int i = 0; joining == Joining.BY_KEY && i < sequence.items().size(); i++) {
            Yaml each = sequence.items().get(i);
            Optional<Object> key = key(each);
            Origin earlier = key.map(k -> seen.putIfAbsent(k, each.origin())).orElse(null);
            if (earlier != null) {
                place.item(i)
                        .problem(
                                each.origin(),
                                "has the same " + keyProperty + " as the one in " + earlier + "; make them one");
            }
        }
    }

    private int indexOf(Yaml wanted, List<Yaml> items) {
        List<Optional<Object>> keys = items.stream().map(this::key).toList();
        Optional<Object> key = key(wanted);
        return key.isPresent() ? keys.indexOf(key) : -1;
    }

    private Optional<Object> key(Yaml value) {
        return value instanceof Yaml.Mapping mapping ? mapping.find(keyProperty).map(Yaml::content) : Optional.empty();
    }
}
