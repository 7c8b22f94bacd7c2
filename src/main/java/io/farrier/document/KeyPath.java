package io.farrier.document;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Where a value stands in a document of keys within keys: {@code mirrors."docker.io".endpoint}. */
public record KeyPath(List<String> keys) implements Comparable<KeyPath> {
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
        int at = 0;
        while (at < text.length()) {
            int start = text.charAt(at) == '.' ? at + 1 : at;
            at = start < text.length() && text.charAt(start) == '"' ? endOfQuoted(text, start) : endOfBare(text, start);
            keys.add(unquoted(text.substring(start, at)));
        }
        return new KeyPath(keys);
    }

    private static int endOfBare(String text, int start) {
        int at = start;
        while (at < text.length() && isBare(text.charAt(at))) {
            at++;
        }
        if (at == start) {
            throw notAPath(text);
        }
        return at;
    }

    private static int endOfQuoted(String text, int start) {
        for (int at = start + 1; at < text.length(); at++) {
            if (text.charAt(at) == '"') {
                return at + 1;
            }
            if (text.charAt(at) == '\\') {
                at++;
            }
        }
        throw notAPath(text);
    }

    private static IllegalArgumentException notAPath(String text) {
        return new IllegalArgumentException("'" + text + "' is not a path of keys");
    }

    private static boolean isBare(String key) {
        for (int at = 0; at < key.length(); at++) {
            if (!isBare(key.charAt(at))) {
                return false;
            }
        }
        return !key.isEmpty();
    }

    private static boolean isBare(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
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
        int shared = Math.min(keys.size(), other.keys.size());
        for (int i = 0; i < shared; i++) {
            int order = keys.get(i).compareTo(other.keys.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(keys.size(), other.keys.size());
    }

    @Override
    public String toString() {
        return keys.stream().map(KeyPath::quoted).collect(Collectors.joining("."));
    }

    private static String quoted(String key) {
        return isBare(key) ? key : '"' + key.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String unquoted(String text) {
        if (text.charAt(0) != '"') {
            return text;
        }
        StringBuilder plain = new StringBuilder();
        for (int at = 1; at < text.length() - 1; at++) {
            at += text.charAt(at) == '\\' ? 1 : 0;
            plain.append(text.charAt(at));
        }
        return plain.toString();
    }
}
