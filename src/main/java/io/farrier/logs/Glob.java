package io.farrier.logs;

/** Patterns in which {@code *} stands for any characters. Linear in the text for each star: none looks back beyond the last. */
final class Glob {
    private static final char NONE = '\0';

    private Glob() {}

    /** The star stands for any characters but a slash. */
    static boolean matchesWithinParts(String pattern, String text) {
        return matches(pattern, text, '/');
    }

    static boolean matches(String pattern, String text) {
        return matches(pattern, text, NONE);
    }

    private static boolean matches(String pattern, String text, char bound) {
        int p = 0;
        int star = -1;
        int mark = 0;
        int t = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                mark = t;
            } else if (p < pattern.length() && pattern.charAt(p) == text.charAt(t)) {
                p++;
                t++;
            } else if (star >= 0 && text.charAt(mark) != bound) {
                p = star + 1;
                t = ++mark;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
