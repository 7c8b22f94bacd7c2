package io.farrier.document;

/**
 * Tabs behind the last word of a line, or before its comment. yaml.v2 passes over them and SnakeYAML does not, so it is
 * given blanks for them; every place stays the same.
 */
final class IdleTabs {
    private final String text;
    private final StringBuilder blanked;
    private int at;

    private IdleTabs(String text) {
        this.text = text;
        this.blanked = new StringBuilder(text);
    }

    static String blanked(String text) {
        return text.indexOf('\t') < 0 ? text : new IdleTabs(text).blank();
    }

    private String blank() {
        boolean lineHasWords = false;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\t' && lineHasWords && isIdle()) {
                blanked.setCharAt(at, ' ');
            }
            lineHasWords = c != '\n' && (lineHasWords || !isBlank(c));
            if (c == '#' && opens()) {
                skipComment();
            } else if ((c == '"' || c == '\'') && opens()) {
                skipQuoted(c);
            } else {
                at++;
            }
        }
        return blanked.toString();
    }

    private boolean isIdle() {
        int next = at;
        while (next < text.length() && isBlank(text.charAt(next))) {
            next++;
        }
        return next == text.length() || "#\r\n".indexOf(text.charAt(next)) >= 0;
    }

    /** Within a word, quotes and {@code #} are mere characters. */
    private boolean opens() {
        return at == 0 || " \t\n\r[{,:".indexOf(text.charAt(at - 1)) >= 0;
    }

    private void skipComment() {
        while (at < text.length() && text.charAt(at) != '\n') {
            at++;
        }
    }

    private void skipQuoted(char quote) {
        at++;
        while (at < text.length() && text.charAt(at) != quote) {
            at += quote == '"' && text.charAt(at) == '\\' ? 2 : 1;
        }
        at++;
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }
}
