package io.farrier.document;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What an edit must mean, worked out on values alone: the judge of what was done to the text. */
final class Tree {
    private Tree() {}

    static Optional<JsonValue> get(JsonValue tree, KeyPath path) {
        Optional<JsonValue> at = Optional.of(tree);
        for (String key : path.keys()) {
            at = at.filter(JsonValue.Obj.class::isInstance).flatMap(map -> ((JsonValue.Obj) map).member(key));
        }
        return at;
    }

    static JsonValue with(JsonValue tree, List<String> keys, JsonValue value) {
        if (keys.isEmpty()) {
            return value;
        }
        Map<String, JsonValue> members = members(tree);
        JsonValue below = members.getOrDefault(keys.get(0), new JsonValue.Null());
        members.put(keys.get(0), with(below, keys.subList(1, keys.size()), value));
        return new JsonValue.Obj(members);
    }

    static JsonValue without(JsonValue tree, List<String> keys) {
        Map<String, JsonValue> members = members(tree);
        JsonValue below = members.get(keys.get(0));
        if (below == null) {
            return tree;
        }
        if (keys.size() == 1) {
            members.remove(keys.get(0));
        } else {
            members.put(keys.get(0), without(below, keys.subList(1, keys.size())));
        }
        return new JsonValue.Obj(members);
    }

    private static Map<String, JsonValue> members(JsonValue tree) {
        return tree instanceof JsonValue.Obj map ? new LinkedHashMap<>(map.members()) : new LinkedHashMap<>();
    }

    static JsonValue map(JsonValue value, UnaryOperator<JsonValue> leaf) {
        if (value instanceof JsonValue.Obj map) {
            Map<String, JsonValue> members = new LinkedHashMap<>();
            map.members().forEach((key, member) -> members.put(key, map(member, leaf)));
            return new JsonValue.Obj(members);
        }
        if (value instanceof JsonValue.Array list) {
            return new JsonValue.Array(
                    list.elements().stream().map(element -> map(element, leaf)).toList());
        }
        return leaf.apply(value);
    }
}
