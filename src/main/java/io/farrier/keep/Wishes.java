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

/** What one document shall say, in the order in which it is written. */
public final class Wishes {
    private final Map<KeyPath, Wish> wishes = new LinkedHashMap<>();
    private final Set<KeyPath> frozen = new LinkedHashSet<>();

    /** At one key. */
    sealed interface Wish {
        Optional<RegistryHost> about();
    }

    /** @param implied needed for something else: whatever an operator has there will do */
    record Value(JsonValue value, Optional<RegistryHost> about, boolean implied) implements Wish {}

    record Elements(List<String> elements, Optional<RegistryHost> about) implements Wish {}

    public Wishes value(KeyPath path, JsonValue value, Optional<RegistryHost> about) {
        wishes.put(path, new Value(value, about, false));
        return this;
    }

    public Wishes text(KeyPath path, String text, RegistryHost about) {
        return value(path, new JsonValue.Text(text), Optional.of(about));
    }

    public Wishes implied(KeyPath path, JsonValue value, Optional<RegistryHost> about) {
        wishes.put(path, new Value(value, about, true));
        return this;
    }

    public Wishes elements(KeyPath list, List<String> elements, Optional<RegistryHost> about) {
        wishes.put(list, new Elements(List.copyOf(elements), about));
        return this;
    }

    /** Nothing within {@code path} is touched, nor given up. */
    public Wishes freeze(KeyPath path) {
        frozen.add(path);
        return this;
    }

    /** Where something is wished, in the order in which it is written. */
    public List<KeyPath> paths() {
        return List.copyOf(wishes.keySet());
    }

    Map<KeyPath, Wish> inOrder() {
        return wishes;
    }

    boolean hasValue(KeyPath path) {
        return wishes.get(path) instanceof Value;
    }

    boolean hasElement(KeyPath list, String element) {
        return wishes.get(list) instanceof Elements wish && wish.elements().contains(element);
    }

    boolean isFrozen(KeyPath path) {
        return frozen.stream().anyMatch(each -> each.holds(path));
    }

    public boolean isEmpty() {
        return wishes.isEmpty();
    }
}
