package io.farrier.collector.identity;

import java.util.regex.Pattern;

/** A node's name as it came over the feed, checked: safe to log, to show and to use as a label. */
public record NodeName(String value) implements Comparable<NodeName> {
    /** What a host name can be (RFC 1123, 253 characters), and the underscores that people use all the same. */
    private static final Pattern GRAMMAR = Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?");

    /** @throws IllegalArgumentException with a sentence that does not repeat the name: it is not safe to show */
    public NodeName {
        if (!isNodeName(value)) {
            throw new IllegalArgumentException(
                    "not a node name: expected 1 to 253 of [A-Za-z0-9._-], beginning and ending with a letter or digit");
        }
    }

    public static boolean isNodeName(String text) {
        return GRAMMAR.matcher(text).matches();
    }

    @Override
    public int compareTo(NodeName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
