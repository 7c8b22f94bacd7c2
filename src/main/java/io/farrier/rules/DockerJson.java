package io.farrier.rules;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * How bytes stand in Docker's lines (moby: daemon/logger/jsonfilelog/jsonlog/jsonlogbytes.go): quote and backslash
 * behind a backslash, line ends as letters, other control characters and {@code < > &} as {@code \}{@code u00xx}, what
 * was no UTF-8 and two line separators as another {@code \}{@code uxxxx}.
 */
final class DockerJson {
    private static final String HEX = "0123456789abcdef";
    private static final BitSet PLAIN = new BitSet(256);

    static {
        PLAIN.set(0x20, 0x100);
        "\"\\".chars().forEach(PLAIN::clear);
    }

    private DockerJson() {}

    static Expression of(BitSet bytes) {
        List<Expression> ways = new ArrayList<>();
        BitSet plain = (BitSet) bytes.clone();
        plain.and(PLAIN);
        if (!plain.isEmpty()) {
            ways.add(new Expression.OneOf(plain));
        }
        addIf(bytes, '"', "\\\"", ways);
        addIf(bytes, '\\', "\\\\", ways);
        addIf(bytes, '\n', "\\n", ways);
        addIf(bytes, '\r', "\\r", ways);
        addIf(bytes, '\t', "\\t", ways);
        for (int high = 0; high < 4; high++) {
            addEscaped(bytes, high, ways);
        }
        if (bytes.get(0xef)) {
            ways.add(otherEscape());
        }
        return ways.size() == 1 ? ways.get(0) : new Expression.Either(ways);
    }

    private static void addIf(BitSet bytes, char wanted, String escape, List<Expression> ways) {
        if (bytes.get(wanted)) {
            ways.add(text(escape));
        }
    }

    private static void addEscaped(BitSet bytes, int high, List<Expression> ways) {
        BitSet low = new BitSet(256);
        for (int i = 0; i < HEX.length(); i++) {
            int value = high << 4 | i;
            boolean isEscaped = value < 0x20 || "<>&".indexOf(value) >= 0;
            if (isEscaped && bytes.get(value)) {
                low.set(HEX.charAt(i));
            }
        }
        if (!low.isEmpty()) {
            ways.add(new Expression.Sequence(List.of(text("\\u00" + HEX.charAt(high)), new Expression.OneOf(low))));
        }
    }

    private static Expression otherEscape() {
        Expression digit = Expression.oneOf(HEX.chars().toArray());
        Expression notNull = Expression.oneOf(HEX.substring(1).chars().toArray());
        return new Expression.Sequence(List.of(text("\\u"), notNull, digit, digit, digit));
    }

    private static Expression text(String ascii) {
        return Expression.bytes(ascii.getBytes(US_ASCII));
    }
}
