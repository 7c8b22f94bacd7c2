package io.farrier.rules;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The part of the usual regular expressions that is regular: literals, {@code .}, classes, {@code \d \w \s} and their
 * opposites, {@code (?:)}, {@code |}, {@code * + ? {n,m}}, {@code (?i)} at the beginning, {@code ^} and {@code $} at the
 * edges, and at most one group {@code ( )} on the top level.
 */
final class ExpressionParser {
    private static final int MAX_CHARS = 1000;
    private static final int MAX_REPEAT = 1000;
    private static final int MAX_DEPTH = 32;

    private final String text;
    private boolean ignoresCase;
    private int at;
    private int depth;

    private ExpressionParser(String text) {
        this.text = text;
    }

    /**
     * @param before what stands before the group; absent without one
     * @param group the group, or all of it
     * @param after what stands behind the group
     */
    record Parsed(
            boolean atStart, Optional<Expression> before, Expression group, Optional<Expression> after, boolean atEnd) {
        Expression whole() {
            List<Expression> parts = new ArrayList<>();
            before.ifPresent(parts::add);
            parts.add(group);
            after.ifPresent(parts::add);
            return new Expression.Sequence(parts);
        }
    }

    /** @throws IllegalArgumentException with what is wrong and where */
    static Parsed parse(String text) {
        if (text.isEmpty() || text.length() > MAX_CHARS) {
            throw new IllegalArgumentException("an expression has 1 to " + MAX_CHARS + " characters");
        }
        return new ExpressionParser(text).parse();
    }

    private Parsed parse() {
        ignoresCase = take("(?i)");
        boolean atStart = take("^");
        List<Expression> parts = new ArrayList<>();
        @Nullable Expression group = null;
        int groupAt = 0;
        boolean atEnd = false;
        boolean isChoice = false;
        List<Expression> ways = new ArrayList<>();
        while (at < text.length()) {
            if (at == text.length() - 1 && take("$")) {
                atEnd = true;
            } else if (take("|")) {
                isChoice = true;
                ways.add(new Expression.Sequence(parts));
                parts = new ArrayList<>();
            } else if (peek() == '(' && !text.startsWith("(?:", at)) {
                Expression found = atom();
                if (isRepetition() || group != null) {
                    // A group that only groups, as in (a+)+.
                    parts.add(repeated(found));
                    continue;
                }
                group = found;
                groupAt = parts.size();
                parts.add(found);
            } else {
                parts.add(repeated(atom()));
            }
        }
        if (isChoice || group == null) {
            ways.add(new Expression.Sequence(parts));
            Expression all = isChoice ? new Expression.Either(ways) : ways.get(0);
            return new Parsed(atStart, Optional.empty(), all, Optional.empty(), atEnd);
        }
        List<Expression> behind = parts.subList(groupAt + 1, parts.size());
        return new Parsed(
                atStart,
                groupAt == 0 ? Optional.empty() : Optional.of(new Expression.Sequence(parts.subList(0, groupAt))),
                group,
                behind.isEmpty() ? Optional.empty() : Optional.of(new Expression.Sequence(behind)),
                atEnd);
    }

    private Expression choice() {
        if (++depth > MAX_DEPTH) {
            throw wrong("more than " + MAX_DEPTH + " groups within each other");
        }
        List<Expression> ways = new ArrayList<>();
        List<Expression> parts = new ArrayList<>();
        while (at < text.length() && peek() != ')') {
            if (take("|")) {
                ways.add(new Expression.Sequence(parts));
                parts = new ArrayList<>();
            } else {
                parts.add(repeated(atom()));
            }
        }
        depth--;
        ways.add(new Expression.Sequence(parts));
        return ways.size() == 1 ? ways.get(0) : new Expression.Either(ways);
    }

    private Expression atom() {
        char c = text.charAt(at);
        switch (c) {
            case '(' -> {
                at++;
                if (!take("?:") && at < text.length() && peek() == '?') {
                    throw wrong("only (?: ) and a leading (?i) are known of the groups with a question mark");
                }
                Expression inner = choice();
                if (!take(")")) {
                    throw wrong("a group is not closed");
                }
                return inner;
            }
            case '[' -> {
                return new Expression.OneOf(characterClass());
            }
            case '.' -> {
                at++;
                BitSet any = new BitSet(256);
                any.set(0, 256);
                any.clear('\n');
                return new Expression.OneOf(any);
            }
            case '\\' -> {
                return new Expression.OneOf(escaped());
            }
            case '*', '+', '?', '{', ')', '^', '$' ->
                throw wrong("'" + c + "' stands where nothing can be repeated or" + " anchored; write \\" + c
                        + " for the character");
            default -> {
                int codePoint = text.codePointAt(at);
                at += Character.charCount(codePoint);
                return literal(codePoint);
            }
        }
    }

    private Expression literal(int codePoint) {
        if (codePoint < 0x80) {
            BitSet set = new BitSet(256);
            addFolded(set, codePoint);
            return new Expression.OneOf(set);
        }
        return Expression.bytes(Character.toString(codePoint).getBytes(UTF_8));
    }

    private Expression repeated(Expression what) {
        Expression result = what;
        while (isRepetition()) {
            result = repetition(result);
            // Lazy and greedy find the same lines; how much is redacted is always as much as may be.
            take("?");
        }
        return result;
    }

    private boolean isRepetition() {
        return at < text.length() && "*+?{".indexOf(peek()) >= 0;
    }

    private Expression repetition(Expression what) {
        char sign = text.charAt(at++);
        return switch (sign) {
            case '*' -> new Expression.Repeated(what, 0, Expression.UNBOUNDED);
            case '+' -> new Expression.Repeated(what, 1, Expression.UNBOUNDED);
            case '?' -> new Expression.Repeated(what, 0, 1);
            default -> counted(what);
        };
    }

    private Expression counted(Expression what) {
        int end = text.indexOf('}', at);
        String[] bounds = end < 0 ? new String[0] : text.substring(at, end).split(",", -1);
        if (bounds.length < 1 || bounds.length > 2 || !isNumber(bounds[0])) {
            throw wrong("expected {n}, {n,} or {n,m}");
        }
        boolean isOpen = bounds.length == 2 && bounds[1].isEmpty();
        String last = bounds[bounds.length - 1];
        if (!isOpen && !isNumber(last)) {
            throw wrong("expected {n}, {n,} or {n,m}");
        }
        int least = Integer.parseInt(bounds[0]);
        int most = isOpen ? Expression.UNBOUNDED : Integer.parseInt(last);
        if (least > MAX_REPEAT || most > MAX_REPEAT || (!isOpen && most < least)) {
            throw wrong("a repetition has bounds in order, up to " + MAX_REPEAT);
        }
        at = end + 1;
        return new Expression.Repeated(what, least, most);
    }

    private static boolean isNumber(String bound) {
        return !bound.isEmpty() && bound.length() <= 4 && bound.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private BitSet characterClass() {
        at++;
        boolean negated = take("^");
        BitSet set = new BitSet(256);
        boolean isFirst = true;
        while (at < text.length() && (isFirst || peek() != ']')) {
            isFirst = false;
            if (peek() == '\\') {
                set.or(escaped());
                continue;
            }
            int from = ascii();
            if (at + 1 < text.length() && peek() == '-' && text.charAt(at + 1) != ']') {
                at++;
                int to = peek() == '\\' ? escaped().nextSetBit(0) : ascii();
                for (int c = from; c <= to; c++) {
                    addFolded(set, c);
                }
            } else {
                addFolded(set, from);
            }
        }
        if (!take("]")) {
            throw wrong("a class is not closed");
        }
        if (negated) {
            set.flip(0, 256);
        }
        return set;
    }

    private int ascii() {
        char c = text.charAt(at++);
        if (c >= 0x80) {
            throw wrong("a class holds ASCII characters only");
        }
        return c;
    }

    private BitSet escaped() {
        at++;
        if (at >= text.length()) {
            throw wrong("it ends in a backslash");
        }
        char c = text.charAt(at++);
        BitSet set = new BitSet(256);
        switch (c) {
            case 'd', 'D' -> set.set('0', '9' + 1);
            case 'w', 'W' -> {
                set.set('0', '9' + 1);
                set.set('a', 'z' + 1);
                set.set('A', 'Z' + 1);
                set.set('_');
            }
            case 's', 'S' -> " \t\n\r\f\u000b".chars().forEach(set::set);
            case 't' -> set.set('\t');
            case 'n' -> set.set('\n');
            case 'r' -> set.set('\r');
            default -> {
                if (Character.isLetterOrDigit(c) || c >= 0x80) {
                    throw wrong("\\" + c + " is not known here");
                }
                set.set(c);
            }
        }
        if (c == 'D' || c == 'W' || c == 'S') {
            set.flip(0, 256);
        }
        return set;
    }

    private void addFolded(BitSet set, int c) {
        set.set(c);
        if (ignoresCase) {
            set.set(Character.toLowerCase(c));
            set.set(Character.toUpperCase(c));
        }
    }

    private char peek() {
        return text.charAt(at);
    }

    private boolean take(String expected) {
        if (!text.startsWith(expected, at)) {
            return false;
        }
        at += expected.length();
        return true;
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException("at character " + at + ": " + what);
    }
}
