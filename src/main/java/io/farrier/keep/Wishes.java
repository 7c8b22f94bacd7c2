package io.farrier.keep;

import io.farrier.document.JsonValue;
import io.farrier.document.KeyPath;
import io.farrier.image.RegistryHost;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What one document shall say. */
public final class Wishes {
    private final Map<KeyPath, Value> values = new LinkedHashMap<>();
    private final Map<KeyPath, Elements> lists = new LinkedHashMap<>();
    private final Set<KeyPath> frozen = new LinkedHashSet<>();

    /** @param implied needed for something else: whatever an operator has there will do */
    record Value(JsonValue value, Optional<RegistryHost> about, boolean implied) {}

    record Elements(List<String> elements, Optional<RegistryHost> about) {}

    public Wishes value(KeyPath path, JsonValue value, Optional<RegistryHost> about) {
        values.put(path, new Value(value, about, false));
        return this;
    }

    public Wishes text(KeyPath path, String text, RegistryHost about) {
        return value(path, new JsonValue.Text(text), Optional.of(about));
    }

    public Wishes implied(KeyPath path, JsonValue value, Optional<RegistryHost> about) {
        values.put(path, new Value(value, about, true));
        return this;
    }

    public Wishes elements(KeyPath list, List<String> elements, Optional<RegistryHost> about) {
        lists.put(list, new Elements(List.copyOf(elements), about));
        return this;
    }

    /** Nothing within {@code path} is touched, nor given up. */
    public Wishes freeze(KeyPath path) {
        frozen.add(path);
        return this;
    }

    Map<KeyPath, Value> values() {
        return values;
    }

    Map<KeyPath, Elements> lists() {
        return lists;
    }

    boolean isFrozen(KeyPath path) {
        return frozen.stream().anyMatch(each -> each.holds(path));
    }

    public boolean isEmpty() {
        return values.isEmpty() && lists.isEmpty();
    }
}
