package io.farrier.rules;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

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

    private static final LiteralScan KEYS = new LiteralScan(List.of("private key-----".getBytes(US_ASCII)));
    private static final byte[] KEY_ENDS = "-----end".getBytes(US_ASCII);

    private final boolean isDocker;
    private final boolean isCri;
    private final List<Redaction> rules = new ArrayList<>();
    private final List<Redaction> everywhere = new ArrayList<>();
    private final LiteralScan scan;

    /** For each rule the words of which one must be there, a bit for each of the scan's. */
    private final long[] wordsOf;

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
        for (BuiltInRedactions builtIn : BuiltInRedactions.values()) {
            rules.add(builtIn.compile(isDocker));
        }
        for (String pattern : own) {
            everywhere.add(new Redaction("logs.redact '" + pattern + "'", pattern, List.of(), isDocker));
        }
        List<String> words = rules.stream()
                .flatMap(rule -> rule.literals().stream())
                .distinct()
                .toList();
        this.scan = new LiteralScan(
                words.stream().map(word -> word.getBytes(US_ASCII)).toList());
        this.wordsOf = rules.stream()
                .mapToLong(rule -> rule.literals().stream()
                        .mapToLong(word -> 1L << words.indexOf(word))
                        .reduce(0, (some, more) -> some | more))
                .toArray();
    }

    /** @throws IllegalArgumentException with what is wrong with an expression */
    public static void check(String pattern) {
        Redaction unused = new Redaction(pattern, pattern, List.of(), true);
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
        if (everywhere.stream().allMatch(Redaction::isOff)) {
            lookWhereALiteralIs(text, from, to, secrets);
        } else {
            lookAtEach(text, from, to, secrets);
        }
        lookAtLongLines(text, end, secrets);
        lookForKeys(text, end, secrets);
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

    private void lookWhereALiteralIs(byte[] text, int from, int to, List<int[]> secrets) {
        for (int at = scan.next(text, from, to); at >= 0; at = scan.next(text, at, to)) {
            int start = startOfRecord(text, at, from);
            int stop = endOfRecord(text, at, to);
            look(text, contentStart(text, start, stop), contentEnd(text, start, stop), secrets);
            at = stop;
        }
    }

    private void lookAtEach(byte[] text, int from, int to, List<int[]> secrets) {
        for (int start = from; start < to; ) {
            int stop = endOfRecord(text, start, to);
            look(text, contentStart(text, start, stop), contentEnd(text, start, stop), secrets);
            start = stop + 1;
        }
    }

    private void look(byte[] text, int from, int to, List<int[]> secrets) {
        long seen = scan.wordsIn(text, from, to);
        for (int i = 0; i < rules.size() && seen != 0; i++) {
            if ((wordsOf[i] & seen) != 0) {
                look(rules.get(i), text, from, to, secrets);
            }
        }
        for (Redaction rule : everywhere) {
            look(rule, text, from, to, secrets);
        }
    }

    private void look(Redaction rule, byte[] text, int from, int to, List<int[]> secrets) {
        rule.look(text, from, to, (first, last) -> secrets.add(new int[] {first, last}));
        if (rule.isOff()) {
            off.add(rule.name());
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
            look(line, 0, line.length, found);
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
    private void lookForKeys(byte[] text, int end, List<int[]> secrets) {
        for (int at = KEYS.next(text, 0, end); at >= 0; at = KEYS.next(text, at, end)) {
            int start = endOfRecord(text, at, end) + 1;
            if (isEndOfKey(text, startOfRecord(text, at, 0), start - 1)) {
                at = start;
                continue;
            }
            for (int i = 0; i < MAX_KEY_LINES && start < end; i++) {
                int stop = endOfRecord(text, start, end);
                if (isEndOfKey(text, start, stop)) {
                    start = stop + 1;
                    break;
                }
                secrets.add(new int[] {contentStart(text, start, stop), contentEnd(text, start, stop)});
                start = stop + 1;
            }
            at = start;
        }
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
        int i = start + DOCKER_BEGINS.length;
        while (i < stop && text[i] != '"') {
            i += text[i] == '\\' ? 2 : 1;
        }
        int quote = Math.min(i, stop);
        boolean endsLine = quote - start >= DOCKER_BEGINS.length + 2
                && text[quote - 1] == 'n'
                && text[quote - 2] == '\\'
                && isEscape(text, quote - 2, start);
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
