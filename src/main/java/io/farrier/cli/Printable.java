package io.farrier.cli;

/**
 * Makes foreign text harmless before it reaches a terminal or a journal: a container's log line, a registry's error or
 * a file name could otherwise move the cursor, rewrite the clipboard (OSC 52), reorder what is read (bidi controls) or
 * fake a line of our own (CVE-2021-25743 was kubectl not doing this).
 */
final class Printable {
    private Printable() {}

    /** One line: control characters, line ends, bidi controls and lone surrogates become visible escapes. */
    static String line(String foreign) {
        if (foreign.chars().noneMatch(c -> mustEscape((char) c) || Character.isSurrogate((char) c))) {
            return foreign;
        }
        StringBuilder safe = new StringBuilder(foreign.length() + 16);
        for (int i = 0; i < foreign.length(); i++) {
            char c = foreign.charAt(i);
            if (Character.isHighSurrogate(c)
                    && i + 1 < foreign.length()
                    && Character.isLowSurrogate(foreign.charAt(i + 1))) {
                int codePoint = Character.toCodePoint(c, foreign.charAt(++i));
                appendCodePoint(safe, codePoint);
            } else if (mustEscape(c) || Character.isSurrogate(c)) {
                escape(safe, c);
            } else {
                safe.append(c);
            }
        }
        return safe.toString();
    }

    private static void appendCodePoint(StringBuilder safe, int codePoint) {
        // Plane 14 holds invisible tag characters; everything else above the BMP is print.
        if (Character.getType(codePoint) == Character.FORMAT || codePoint >= 0xE0000) {
            safe.append(String.format("\\u{%x}", codePoint));
            return;
        }
        safe.appendCodePoint(codePoint);
    }

    private static void escape(StringBuilder safe, char c) {
        switch (c) {
            case '\n' -> safe.append("\\n");
            case '\r' -> safe.append("\\r");
            case '\t' -> safe.append("\\t");
            default -> safe.append(c <= 0xff ? String.format("\\x%02x", (int) c) : String.format("\\u%04x", (int) c));
        }
    }

    private static boolean mustEscape(char c) {
        return Character.isISOControl(c) // C0, DEL and C1
                || c == '\u2028'
                || c == '\u2029'
                || Character.getType(c) == Character.FORMAT; // bidi controls, zero-width joiners, BOM
    }
}
