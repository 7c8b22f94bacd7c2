package io.farrier.finding;

/**
 * Identity of a finding.
 *
 * @param code stable catalogue code such as {@code runtime.unreachable}; never reused for something else
 * @param about what it is about on this node: a registry host, an image, a file; empty for the node itself
 */
public record FindingKey(String code, String about) implements Comparable<FindingKey> {
    public static FindingKey of(String code) {
        return new FindingKey(code, "");
    }

    public static FindingKey of(String code, Object about) {
        return new FindingKey(code, about.toString());
    }

    @Override
    public int compareTo(FindingKey other) {
        int byCode = code.compareTo(other.code);
        return byCode != 0 ? byCode : about.compareTo(other.about);
    }

    @Override
    public String toString() {
        return about.isEmpty() ? code : code + "(" + about + ")";
    }
}
