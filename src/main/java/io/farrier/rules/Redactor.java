package io.farrier.rules;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Makes secrets unreadable in a piece of a log file: each of their bytes becomes a star, so that offsets in the file stay
 * what they are. What a line's record begins and ends with (Docker's JSON, CRI's time and stream) is not touched. A
 * runtime's pieces of one long line are looked at joined. It remembers nothing, so the same bytes with the same
 * surroundings always come out the same. Not for several threads.
 */
public final class Redactor {
    /** How much of the file before a piece it wants to see: pieces of a line of both streams, or a private key. */
    public static final int CONTEXT_BYTES = 48 << 10;

    /** Runtimes split at 16 KiB; a shorter record has no continuation that a secret could reach into. */
    private static final int MIN_PIECE_BYTES = 8 << 10;

    /** How much of the earlier pieces of a line is looked at again together with the next one. */
    private static final int MAX_TAIL_BYTES = 4 << 10;

    /** More lines than a private key has. */
    private static final int MAX_KEY_LINES = 200;

    /** What words make a rule look at, for each byte of a record; beyond that the rest of the record is hidden. */
    private static final int STEPS_PER_BYTE = 64;

    /** Longer than any flag's name. */
    private static final int MAX_FLAG_BYTES = 64;

    private static final BuiltInRedactions[] RULES = BuiltInRedactions.values();
    private static final List<String> WORDS = Arrays.stream(RULES)
            .flatMap(rule -> rule.words().stream())
            .distinct()
            .toList();

    /** For each word the rules that begin with it. */
    private static final int[][] RULES_OF = WORDS.stream()
            .map(word -> IntStream.range(0, RULES.length)
                    .filter(rule -> RULES[rule].words().contains(word))
                    .toArray())
            .toArray(int[][]::new);

    private static final LiteralScan SCAN = new LiteralScan(WORDS);
    private static final String KEY_MARK = BuiltInRedactions.Mark.OF_KEY;
    private static final int KEY_WORD = WORDS.indexOf(KEY_MARK);
    private static final LiteralScan KEYS = new LiteralScan(List.of(KEY_MARK));
    private static final byte[] KEY_ENDS = "-----end".getBytes(US_ASCII);

    private final boolean isDocker;
    private final boolean isCri;
    private final Redaction[] rules;
    private final List<Redaction> everywhere = new ArrayList<>();
    private final Set<String> off = new LinkedHashSet<>();

    /** How a record encloses what the container wrote. */
    public enum Form {
        DOCKER,
        CRI,
        PLAIN
    }

    /** @param own expressions of the node's owner, as {@link #check} takes them */
    public Redactor(Form form, List<String> own) {
        this.isDocker = form == Form.DOCKER;
        this.isCri = form == Form.CRI;
        this.rules = Arrays.stream(RULES).map(rule -> rule.compile(isDocker)).toArray(Redaction[]::new);
        for (String pattern : own) {
            everywhere.add(new Redaction("logs.redact '" + pattern + "'", pattern, isDocker));
        }
    }

    /** @throws IllegalArgumentException with what is wrong with an expression */
    public static void check(String pattern) {
        Redaction unused = new Redaction(pattern, pattern, true);
        if (unused.isOff()) {
            throw new IllegalArgumentException("it takes too many steps");
        }
    }

    /** Rules that took too many steps and are not used any more. */
    public List<String> switchedOff() {
        return List.copyOf(off);
    }

    /**
     * Hides what is secret in {@code text[from, to)}.
     *
     * @param text whole records, but perhaps for the first and the last; what is before {@code from} and from {@code to}
     *     on is only looked at
     * @param end how far {@code text} goes
     * @return true when something was changed
     */
    public boolean redact(byte[] text, int from, int to, int end) {
        List<int[]> secrets = new ArrayList<>();
        List<Integer> keys = new ArrayList<>();
        KEYS.scan(text, 0, from, (word, at) -> keys.add(at));
        Words words = new Words(text, from, to, false, secrets, keys);
        SCAN.scan(text, from, to, words);
        lookAtEach(text, from, to, secrets);
        lookAtLongLines(text, end, secrets);
        lookAtKeys(text, end, keys, secrets);
        boolean changed = false;
        for (int[] secret : secrets) {
            int first = Math.max(from, secret[0]);
            int last = Math.min(to, secret[1]);
            if (first < last) {
                Arrays.fill(text, first, last, (byte) '*');
                changed = true;
            }
        }
        return changed;
    }

    /** Where the last record begins, when it is a piece of a line that goes on; else -1. */
    public int startOfPiece(byte[] text, int from, int to) {
        int stop = to > from && text[to - 1] == '\n' ? to - 1 : to;
        int start = startOfRecord(text, stop, from);
        boolean isPiece = stop - start >= MIN_PIECE_BYTES
                && isPartial(text, start, contentStart(text, start, stop), contentEnd(text, start, stop));
        return isPiece ? start : -1;
    }

    /** What the words of one text announce. */
    private final class Words implements LiteralScan.Seen {
        private final byte[] text;
        private final int from;
        private final int to;
        private final boolean isJoined;
        private final List<int[]> secrets;
        private final List<Integer> keys;

        /** By rule, how far its last find went: what begins within it is part of it. */
        private final int[] foundUntil = new int[RULES.length];

        /** The content of the record of the last word ends here. */
        private int contentEnd = -1;

        private long budget;

        /** @param isJoined true for content alone, without the records that enclose it */
        Words(byte[] text, int from, int to, boolean isJoined, List<int[]> secrets, List<Integer> keys) {
            this.text = text;
            this.from = from;
            this.to = to;
            this.isJoined = isJoined;
            this.secrets = secrets;
            this.keys = keys;
        }

        @Override
        public void word(int number, int at) {
            if (number == KEY_WORD) {
                keys.add(at);
            }
            if (at >= contentEnd) {
                contentEnd = isJoined ? to : endOfContent(text, at, to);
                budget = MIN_PIECE_BYTES + (long) STEPS_PER_BYTE * (contentEnd - at);
            }
            for (int rule : RULES_OF[number]) {
                int start = startOf(RULES[rule].begins(), at);
                if (start >= foundUntil[rule]) {
                    look(rule, start);
                }
            }
        }

        private void look(int rule, int start) {
            if (budget < 0) {
                // What would take too long is not let through.
                secrets.add(new int[] {start, contentEnd});
                Arrays.fill(foundUntil, contentEnd);
                return;
            }
            budget -= rules[rule].lookAt(text, start, contentEnd, (first, last) -> {
                secrets.add(new int[] {first, last});
                foundUntil[rule] = last;
            });
        }

        /** Where a find would have to begin, -1 where it cannot. */
        private int startOf(BuiltInRedactions.Begins begins, int at) {
            return switch (begins) {
                case WITH_WORD -> at;
                case ALONE -> at > from && isWordByte(text[at - 1]) ? -1 : at;
                case WITH_DASHES -> startOfFlag(at);
            };
        }

        private int startOfFlag(int at) {
            int dashes = -1;
            int least = Math.max(from, at - MAX_FLAG_BYTES);
            for (int i = at - 1; i >= least && isFlagByte(text[i]); i--) {
                if (text[i] == '-' && text[i + 1] == '-') {
                    dashes = i;
                }
            }
            return dashes;
        }
    }

    private static boolean isFlagByte(byte c) {
        return c == '-' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    private static boolean isWordByte(byte c) {
        return c == '_' || c >= '0' && c <= '9' || isFlagByte(c);
    }

    /** From within a record's content. */
    private int endOfContent(byte[] text, int at, int to) {
        return isDocker ? endOfDockerContent(text, at, to) : endOfRecord(text, at, to);
    }

    /** The owner's rules have no words that announce them. */
    private void lookAtEach(byte[] text, int from, int to, List<int[]> secrets) {
        if (everywhere.stream().allMatch(Redaction::isOff)) {
            return;
        }
        for (int start = from; start < to; ) {
            int stop = endOfRecord(text, start, to);
            lookEverywhere(text, contentStart(text, start, stop), contentEnd(text, start, stop), secrets);
            start = stop + 1;
        }
    }

    private void lookEverywhere(byte[] text, int from, int to, List<int[]> secrets) {
        for (Redaction rule : everywhere) {
            rule.look(text, from, to, (first, last) -> secrets.add(new int[] {first, last}));
            if (rule.isOff()) {
                off.add(rule.name());
            }
        }
    }

    /** A record of 8 KiB leaves no line feed between two of these marks; short ones are found at once. */
    private void lookAtLongLines(byte[] text, int end, List<int[]> secrets) {
        Pieces pieces = new Pieces();
        int start = 0;
        for (int mark = MIN_PIECE_BYTES / 2; mark < end; ) {
            int lineStart = startOfRecord(text, mark, start);
            int lineEnd = endOfRecord(text, mark, end);
            if (lineEnd - lineStart >= MIN_PIECE_BYTES) {
                pieces.add(text, lineStart, lineEnd, end, secrets);
                start = lineEnd + 1;
                mark = start + 1;
                continue;
            }
            start = lineStart;
            mark = Math.max(lineEnd + 1, mark + MIN_PIECE_BYTES / 2);
        }
    }

    /** The pieces of one line for each stream, joined at their seams. */
    private final class Pieces {
        private final List<List<int[]>> tails = List.of(new ArrayList<>(), new ArrayList<>());

        void add(byte[] text, int start, int stop, int end, List<int[]> secrets) {
            int from = contentStart(text, start, stop);
            int to = contentEnd(text, start, stop);
            int stream = streamOf(text, start, from, to, stop);
            List<int[]> tail = tails.get(stream);
            if (!tail.isEmpty()) {
                tail.add(new int[] {from, Math.min(to, from + MAX_TAIL_BYTES)});
                joined(text, tail, secrets);
                tail.clear();
            }
            if (isPartial(text, start, from, to)) {
                tail.add(new int[] {Math.max(from, to - MAX_TAIL_BYTES), to});
                addShortEnd(text, stop + 1, end, stream, tail, secrets);
            }
        }

        /** The last piece of a line is mostly short: it is the next record of its stream. */
        private void addShortEnd(byte[] text, int next, int end, int stream, List<int[]> tail, List<int[]> secrets) {
            for (int start = next; start < end; ) {
                int stop = endOfRecord(text, start, end);
                int from = contentStart(text, start, stop);
                int to = contentEnd(text, start, stop);
                if (streamOf(text, start, from, to, stop) == stream) {
                    if (stop - start < MIN_PIECE_BYTES) {
                        tail.add(new int[] {from, to});
                        joined(text, tail, secrets);
                        tail.clear();
                    }
                    return;
                }
                start = stop + 1;
            }
        }

        private void joined(byte[] text, List<int[]> parts, List<int[]> secrets) {
            byte[] line =
                    new byte[parts.stream().mapToInt(part -> part[1] - part[0]).sum()];
            int at = 0;
            for (int[] part : parts) {
                System.arraycopy(text, part[0], line, at, part[1] - part[0]);
                at += part[1] - part[0];
            }
            List<int[]> found = new ArrayList<>();
            SCAN.scan(line, 0, line.length, new Words(line, 0, line.length, true, found, new ArrayList<>()));
            lookEverywhere(line, 0, line.length, found);
            for (int[] secret : found) {
                int offset = 0;
                for (int[] part : parts) {
                    int length = part[1] - part[0];
                    int first = Math.max(secret[0], offset);
                    int last = Math.min(secret[1], offset + length);
                    if (first < last) {
                        secrets.add(new int[] {part[0] + first - offset, part[0] + last - offset});
                    }
                    offset += length;
                }
            }
        }
    }

    /** From the line that begins a private key to the one that ends it, of whichever stream. */
    private void lookAtKeys(byte[] text, int end, List<Integer> keys, List<int[]> secrets) {
        int seen = 0;
        for (int at : keys.stream().sorted().toList()) {
            if (at < seen) {
                continue;
            }
            int start = endOfRecord(text, at, end) + 1;
            seen = isEndOfKey(text, startOfRecord(text, at, 0), start - 1) ? start : hideKey(text, start, end, secrets);
        }
    }

    private int hideKey(byte[] text, int from, int end, List<int[]> secrets) {
        int start = from;
        for (int i = 0; i < MAX_KEY_LINES && start < end; i++) {
            int stop = endOfRecord(text, start, end);
            if (isEndOfKey(text, start, stop)) {
                return stop + 1;
            }
            secrets.add(new int[] {contentStart(text, start, stop), contentEnd(text, start, stop)});
            start = stop + 1;
        }
        return start;
    }

    private static boolean isEndOfKey(byte[] text, int from, int to) {
        for (int i = from; i + KEY_ENDS.length <= to; i++) {
            if (text[i] == '-' && LiteralScan.isAt(text, i, to, KEY_ENDS)) {
                return true;
            }
        }
        return false;
    }

    private static int startOfRecord(byte[] text, int at, int from) {
        int i = at;
        while (i > from && text[i - 1] != '\n') {
            i--;
        }
        return i;
    }

    private static int endOfRecord(byte[] text, int at, int to) {
        int i = at;
        while (i < to && text[i] != '\n') {
            i++;
        }
        return i;
    }

    private int contentStart(byte[] text, int start, int stop) {
        if (isDocker) {
            return isDockerRecord(text, start, stop) ? start + DOCKER_BEGINS.length : start;
        }
        if (!isCri) {
            return start;
        }
        int blanks = 0;
        for (int i = start; i < stop; i++) {
            if (text[i] == ' ' && ++blanks == 3) {
                return i + 1;
            }
        }
        return start;
    }

    private static final byte[] DOCKER_BEGINS = "{\"log\":\"".getBytes(US_ASCII);

    private static boolean isDockerRecord(byte[] text, int start, int stop) {
        return LiteralScan.isAt(text, start, stop, DOCKER_BEGINS);
    }

    /** Before the closing quote, and before the escaped line end. */
    private int contentEnd(byte[] text, int start, int stop) {
        if (!isDocker || !isDockerRecord(text, start, stop)) {
            return stop;
        }
        return endOfDockerContent(text, start + DOCKER_BEGINS.length, stop);
    }

    /** @param from a byte of the content that is no second one of an escape, but for a letter */
    private static int endOfDockerContent(byte[] text, int from, int to) {
        int i = from;
        while (i < to && text[i] != '"' && text[i] != '\n') {
            i += text[i] == '\\' ? 2 : 1;
        }
        int quote = Math.min(i, to);
        boolean endsLine = quote - from >= 2
                && text[quote - 1] == 'n'
                && text[quote - 2] == '\\'
                && isEscape(text, quote - 2, from);
        return endsLine ? quote - 2 : quote;
    }

    /** True when the backslash at {@code at} is no escaped one. */
    private static boolean isEscape(byte[] text, int at, int start) {
        int i = at;
        while (i > start && text[i - 1] == '\\') {
            i--;
        }
        return (at - i) % 2 == 0;
    }

    private boolean isPartial(byte[] text, int start, int from, int to) {
        if (isDocker) {
            return to < text.length && text[to] == '"';
        }
        return isCri && from - start >= 2 && text[from - 2] == 'P';
    }

    private int streamOf(byte[] text, int start, int from, int to, int stop) {
        int at = isCri ? start : to;
        int last = isCri ? from : stop;
        for (int i = at; i + 6 <= last; i++) {
            if (text[i] == 's' && text[i + 1] == 't' && text[i + 2] == 'd' && text[i + 3] == 'e') {
                return 1;
            }
        }
        return 0;
    }
}
