package io.farrier.document;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Where a value stands in a document of keys within keys: {@code mirrors."docker.io".endpoint}. */
public record KeyPath(List<String> keys) implements Comparable<KeyPath> {
    private static final Pattern BARE = Pattern.compile("[A-Za-z0-9_-]+");
    private static final Pattern STEP = Pattern.compile("\\.?(?:([A-Za-z0-9_-]+)|\"((?:[^\"\\\\]|\\\\.)*)\")");

    public KeyPath {
        keys = List.copyOf(keys);
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("a path has at least one key");
        }
    }

    public static KeyPath of(String... keys) {
        return new KeyPath(List.of(keys));
    }

    /** Of what {@link #toString} made. */
    public static KeyPath parse(String text) {
        List<String> keys = new ArrayList<>();
        Matcher step = STEP.matcher(text);
        int at = 0;
        while (at < text.length() && step.find(at) && step.start() == at) {
            keys.add(step.group(1) != null ? step.group(1) : unquoted(step.group(2)));
            at = step.end();
        }
        if (at != text.length()) {
            throw new IllegalArgumentException("'" + text + "' is not a path of keys");
        }
        return new KeyPath(keys);
    }

    public KeyPath child(String key) {
        List<String> longer = new ArrayList<>(keys);
        longer.add(key);
        return new KeyPath(longer);
    }

    public String first() {
        return keys.get(0);
    }

    public String last() {
        return keys.get(keys.size() - 1);
    }

    /** The paths above this one, outermost first. */
    public List<KeyPath> parents() {
        List<KeyPath> parents = new ArrayList<>();
        for (int length = 1; length < keys.size(); length++) {
            parents.add(new KeyPath(keys.subList(0, length)));
        }
        return parents;
    }

    /** True for this path and all within it. */
    public boolean holds(KeyPath other) {
        return other.keys.size() >= keys.size()
                && other.keys.subList(0, keys.size()).equals(keys);
    }

    @Override
    public int compareTo(KeyPath other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return keys.stream().map(KeyPath::quoted).collect(Collectors.joining("."));
    }

    private static String quoted(String key) {
        return BARE.matcher(key).matches()
                ? key
                : '"' + key.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String unquoted(String text) {
        return text.replaceAll("\\\\(.)", "$1");
    }
}
