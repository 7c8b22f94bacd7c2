package io.farrier.config;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** A regular expression that Go will run: k3s and RKE2 apply rewrites with Go's RE2, and refuse to start over a bad one. */
final class GoPattern {
    /** What Java can and RE2 cannot: look-around, atomic groups, possessive repetition, back references. */
    private static final Pattern NOT_IN_GO = Pattern.compile("\\(\\?(?:[=!>]|<[=!])|[*+?}]\\+|\\\\[1-9k]");

    private static final int MAX_LENGTH = 1000;

    private GoPattern() {}

    /**
     * The text as it is.
     *
     * @throws IllegalArgumentException that says what Go would not take
     */
    static String check(String text) {
        if (text.isEmpty() || text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a regular expression has 1 to " + MAX_LENGTH + " characters");
        }
        if (NOT_IN_GO.matcher(withoutLiterals(text)).find()) {
            throw new IllegalArgumentException("'" + text
                    + "' uses look-around, back references or possessive repetition, which Go does not have");
        }
        try {
            Pattern.compile(text.replace("(?P<", "(?<"));
            return text;
        } catch (PatternSyntaxException wrong) {
            throw new IllegalArgumentException("'" + text + "' is not a regular expression: " + wrong.getDescription());
        }
    }

    /** In a class and behind a backslash, {@code *+} and {@code (?=} are mere characters. */
    private static String withoutLiterals(String text) {
        return text.replaceAll("\\\\[^1-9k]", "c").replaceAll("\\[[^\\]]*]", "c");
    }
}
