package io.farrier.rules;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds where any of several words stands. It looks at two bytes of every so many, as many as lie in each word at least
 * once, and asks one table whether such a pair occurs there in any word; whatever the case, unless a word has capital
 * letters itself. No step waits for the one before, which on today's processors is worth more than a longer jump.
 */
final class LiteralScan {
    /** Shorter words are looked for together with the byte before them. */
    private static final int MIN_WINDOW = 4;

    /** Lists are numbered by a byte in the table; none is 0. */
    private static final int MAX_LISTS = 255;

    /** Most frequent first, of English words and of what programs print. */
    private static final byte[] FREQUENT = " e-t0aoi1nsr2\":/,.lhd34c567u89mfpgwyb_v=kxjqz".getBytes(US_ASCII);

    /** Hears of each word, in no certain order within a few bytes. */
    interface Seen {
        void word(int number, int at);
    }

    private final List<byte[]> words;
    private final int stride;

    /** By a pair of bytes, the number of its list of (word, offset of the pair in it). */
    private final byte[] table = new byte[1 << 16];

    private final int[][] lists;

    /** @param words of three bytes at least; fewer than 64 */
    LiteralScan(List<String> words) {
        this.words = words.stream().map(word -> word.getBytes(US_ASCII)).toList();
        int shortest = this.words.stream().mapToInt(word -> word.length).min().orElse(MIN_WINDOW);
        int window = Math.max(MIN_WINDOW, shortest);
        this.stride = window - 1;
        Map<Integer, List<Integer>> byPair = new LinkedHashMap<>();
        for (int word = 0; word < this.words.size(); word++) {
            int begin = rarest(this.words.get(word), window);
            for (int offset = begin; offset < begin + stride; offset++) {
                enter(word, offset, byPair);
            }
        }
        this.lists = numbered(byPair);
    }

    /** Where in {@code word} a window of so many bytes is met least by chance. */
    private static int rarest(byte[] word, int window) {
        if (word.length < window) {
            return word.length - window;
        }
        int best = 0;
        long least = Long.MAX_VALUE;
        for (int begin = 0; begin + window <= word.length; begin++) {
            long chance = 0;
            for (int i = begin; i + 1 < begin + window; i++) {
                chance += (long) frequency(word[i]) * frequency(word[i + 1]);
            }
            if (chance < least) {
                least = chance;
                best = begin;
            }
        }
        return best;
    }

    private static int frequency(byte c) {
        for (int i = 0; i < FREQUENT.length; i++) {
            if (FREQUENT[i] == c) {
                return FREQUENT.length - i;
            }
        }
        return 1;
    }

    private void enter(int number, int offset, Map<Integer, List<Integer>> byPair) {
        byte[] word = words.get(number);
        for (int first : offset < 0 ? anyByte() : cases(word, offset)) {
            for (int second : cases(word, offset + 1)) {
                byPair.computeIfAbsent(first << 8 | second, pair -> new ArrayList<>())
                        .add(number << 8 | offset & 0xff);
            }
        }
    }

    private static int[] anyByte() {
        int[] all = new int[256];
        Arrays.setAll(all, value -> value);
        return all;
    }

    private static int[] cases(byte[] word, int at) {
        byte c = word[at];
        boolean isLetter = c >= 'a' && c <= 'z';
        return isLetter && !hasCapitals(word) ? new int[] {c, c - 32} : new int[] {c};
    }

    private static boolean hasCapitals(byte[] word) {
        for (byte c : word) {
            if (c >= 'A' && c <= 'Z') {
                return true;
            }
        }
        return false;
    }

    private int[][] numbered(Map<Integer, List<Integer>> byPair) {
        Map<List<Integer>, Integer> numbers = new LinkedHashMap<>();
        byPair.forEach((pair, list) -> {
            int next = numbers.size() + 1;
            int number = numbers.computeIfAbsent(list, fresh -> next);
            if (number > MAX_LISTS) {
                throw new IllegalArgumentException("too many words for one scan");
            }
            table[pair] = (byte) number;
        });
        int[][] all = new int[numbers.size() + 1][];
        numbers.forEach((list, number) ->
                all[number] = list.stream().mapToInt(Integer::intValue).toArray());
        return all;
    }

    /** Tells of each word that lies wholly in {@code text[from, to)}. */
    void scan(byte[] text, int from, int to, Seen seen) {
        byte[] lists = table;
        int step = stride;
        for (int i = from; i + 1 < to; i += step) {
            byte list = lists[(text[i] & 0xff) << 8 | text[i + 1] & 0xff];
            if (list != 0) {
                compare(text, from, i, to, list & 0xff, seen);
            }
        }
    }

    private void compare(byte[] text, int from, int pair, int to, int list, Seen seen) {
        for (int entry : lists[list]) {
            int at = pair - (byte) entry;
            int number = entry >> 8;
            if (at >= from && isAt(text, at, to, words.get(number))) {
                seen.word(number, at);
            }
        }
    }

    /** Capital letters of the text count as small ones where the word has a small one. */
    static boolean isAt(byte[] text, int at, int to, byte[] word) {
        if (at + word.length > to) {
            return false;
        }
        boolean isExact = false;
        for (int i = 0; i < word.length; i++) {
            byte c = text[at + i];
            if (c != word[i] && lower(c) != word[i]) {
                return false;
            }
            isExact |= word[i] >= 'A' && word[i] <= 'Z';
        }
        return !isExact || isSame(text, at, word);
    }

    private static boolean isSame(byte[] text, int at, byte[] word) {
        return Arrays.equals(text, at, at + word.length, word, 0, word.length);
    }

    private static byte lower(byte c) {
        return c >= 'A' && c <= 'Z' ? (byte) (c + 32) : c;
    }
}
