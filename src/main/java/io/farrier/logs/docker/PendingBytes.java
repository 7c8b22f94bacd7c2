package io.farrier.logs.docker;

import java.util.Arrays;

/** Bytes that came and were not taken yet. */
final class PendingBytes {
    private byte[] bytes = new byte[0];
    private int from;

    void add(byte[] more) {
        byte[] joined = Arrays.copyOf(Arrays.copyOfRange(bytes, from, bytes.length), bytes.length - from + more.length);
        System.arraycopy(more, 0, joined, bytes.length - from, more.length);
        bytes = joined;
        from = 0;
    }

    int size() {
        return bytes.length - from;
    }

    byte at(int index) {
        return bytes[from + index];
    }

    /** @return its index, or -1 when it is not among the first {@code limit} */
    int indexOf(char wanted, int limit) {
        for (int i = 0; i < Math.min(limit, size()); i++) {
            if (at(i) == wanted) {
                return i;
            }
        }
        return -1;
    }

    byte[] copy(int start, int end) {
        return Arrays.copyOfRange(bytes, from + start, from + end);
    }

    void skip(int count) {
        from += count;
    }
}
