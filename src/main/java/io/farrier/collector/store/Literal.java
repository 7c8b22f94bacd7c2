package io.farrier.collector.store;

import java.util.Arrays;

/** Finds a string of bytes (Horspool): looks at about every n-th byte for one of n bytes. */
final class Literal {
    private final byte[] bytes;
    private final int[] skip = new int[256];

    /** @param bytes empty finds every place */
    Literal(byte[] bytes) {
        this.bytes = bytes;
        Arrays.fill(skip, bytes.length);
        for (int i = 0; i < bytes.length - 1; i++) {
            skip[bytes[i] & 0xFF] = bytes.length - 1 - i;
        }
    }

    boolean isEmpty() {
        return bytes.length == 0;
    }

    /** Where it begins in {@code text[from, to)} for the first time, or -1. */
    int find(byte[] text, int from, int to) {
        int last = bytes.length - 1;
        if (last < 0) {
            return from <= to ? from : -1;
        }
        byte end = bytes[last];
        for (int at = from + last; at < to; at += skip[text[at] & 0xFF]) {
            if (text[at] == end && Arrays.equals(text, at - last, at, bytes, 0, last)) {
                return at - last;
            }
        }
        return -1;
    }
}
