package io.farrier.rules;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds where any of several words stands, whatever its case, by looking at every second or third byte only (Wu and
 * Manber 1994, with pairs of bytes hashed to a table that stays in the first cache).
 */
final class LiteralScan {
    private static final int TABLE = 1 << 12;

    private final List<byte[]> words;
    private final byte[] shifts = new byte[TABLE];
    private final byte[][][] beginning = new byte[TABLE][][];
    private final int window;

    /** @param words at most 64, in lower case, of at least two bytes each */
    LiteralScan(List<byte[]> words) {
        this.words = List.copyOf(words);
        this.window = words.stream().mapToInt(word -> word.length).min().orElse(2);
        Arrays.fill(shifts, (byte) (window - 1));
        Arrays.fill(beginning, new byte[0][]);
        for (byte[] word : words) {
            addBeginning(word);
            for (int i = 0; i + 1 < window; i++) {
                shorten(word[i], word[i + 1], window - 2 - i);
            }
        }
    }

    private void addBeginning(byte[] word) {
        Set<Integer> slots = new TreeSet<>();
        for (byte first : new byte[] {word[0], upper(word[0])}) {
            for (byte second : new byte[] {word[1], upper(word[1])}) {
                slots.add(slot(first, second));
            }
        }
        for (int slot : slots) {
            byte[][] more = Arrays.copyOf(beginning[slot], beginning[slot].length + 1);
            more[more.length - 1] = word;
            beginning[slot] = more;
        }
    }

    private void shorten(byte a, byte b, int shift) {
        for (byte first : new byte[] {a, upper(a)}) {
            for (byte second : new byte[] {b, upper(b)}) {
                int slot = slot(first, second);
                shifts[slot] = (byte) Math.min(shifts[slot], shift);
            }
        }
    }

    /** Where the next word begins at or after {@code from}, -1 when there is none before {@code to}. */
    int next(byte[] text, int from, int to) {
        if (words.isEmpty()) {
            return -1;
        }
        int i = from + window - 1;
        while (i < to) {
            int shift = shifts[slot(text[i - 1], text[i])];
            if (shift == 0) {
                int start = i - window + 1;
                for (byte[] word : beginning[slot(text[start], text[start + 1])]) {
                    if (isAt(text, start, to, word)) {
                        return start;
                    }
                }
                shift = 1;
            }
            i += shift;
        }
        return -1;
    }

    /** Which words stand between the bounds, a bit for each. */
    long wordsIn(byte[] text, int from, int to) {
        long found = 0;
        for (int at = next(text, from, to); at >= 0; at = next(text, at + 1, to)) {
            for (int i = 0; i < words.size(); i++) {
                if (isAt(text, at, to, words.get(i))) {
                    found |= 1L << i;
                }
            }
        }
        return found;
    }

    static boolean isAt(byte[] text, int at, int to, byte[] word) {
        if (at + word.length > to) {
            return false;
        }
        for (int i = 0; i < word.length; i++) {
            if (lower(text[at + i]) != word[i]) {
                return false;
            }
        }
        return true;
    }

    private static int slot(byte a, byte b) {
        return ((a & 0xff) << 4 ^ (b & 0xff)) & (TABLE - 1);
    }

    private static byte lower(byte c) {
        return c >= 'A' && c <= 'Z' ? (byte) (c + 32) : c;
    }

    private static byte upper(byte c) {
        return c >= 'a' && c <= 'z' ? (byte) (c - 32) : c;
    }
}
