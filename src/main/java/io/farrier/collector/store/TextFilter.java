package io.farrier.collector.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which strings may be in a block: a bit for each run of {@value #GRAM} bytes that is in its text. A search is for a
 * part of a line, not for words, so the filter knows no words. One hash per run is enough, because a string that is
 * looked for has many of them.
 *
 * <p>{@code bytes} is the bit set; its length is a power of two.
 */
record TextFilter(byte[] bytes) {
    /** Four let too much through (all pairs of two hex digits are in any block), six would not help {@code error}. */
    static final int GRAM = 5;

    /** Bytes that must be readable behind the last gram. */
    static final int PADDING = Long.BYTES - GRAM;

    /** One bit for so many bytes of lines; measured: about half of the bits are then set by kube logs. */
    private static final int BYTES_PER_BIT = 4;

    private static final int MIN_BYTES = 64;

    /** A filter of a block that repeats itself is halved while fewer than this share of its bits are set. */
    private static final double SPARSE = 0.25;

    /** Characters that stand for themselves in every form; Docker's JSON escapes the others. */
    private static final String NEVER_ESCAPED =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 !#$%'()*+,-./:;=?@[]^_`{|}~";

    private static final long GRAM_MASK = (1L << (8 * GRAM)) - 1;
    private static final long SPREAD = 0x9E3779B97F4A7C15L;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** An empty one, for a block of {@code plainBytes}. */
    static TextFilter forBlock(int plainBytes) {
        int bytes = Integer.highestOneBit(Math.max(MIN_BYTES, plainBytes / BYTES_PER_BIT / 8));
        return new TextFilter(new byte[bytes]);
    }

    /** Adds the text in {@code line[from, to)}; {@link #PADDING} bytes must follow it in the array. */
    void add(byte[] line, int from, int to) {
        byte[] bits = bytes;
        int mask = bits.length * 8 - 1;
        for (int at = from; at <= to - GRAM; at++) {
            int bit = bit((long) LONGS.get(line, at), mask);
            bits[bit >>> 3] |= (byte) (1 << (bit & 7));
        }
    }

    /** As large as it need be. */
    TextFilter compact() {
        byte[] bits = bytes;
        while (bits.length > MIN_BYTES && share(bits) < SPARSE) {
            byte[] half = Arrays.copyOf(bits, bits.length / 2);
            for (int i = 0; i < half.length; i++) {
                half[i] |= bits[half.length + i];
            }
            bits = half;
        }
        return new TextFilter(bits);
    }

    /**
     * False when no line of the block can hold all {@code literals}.
     *
     * @param filter the bytes of one, as they were written
     */
    static boolean mayHold(ByteBuffer filter, List<byte[]> literals) {
        int mask = filter.remaining() * 8 - 1;
        for (byte[] literal : literals) {
            byte[] padded = Arrays.copyOf(literal, literal.length + PADDING);
            for (int at = 0; at <= literal.length - GRAM; at++) {
                int bit = bit((long) LONGS.get(padded, at), mask);
                if ((filter.get(filter.position() + (bit >>> 3)) & (1 << (bit & 7))) == 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The parts of {@code text} that are in a raw line as they are in the shown one, the longest first. */
    static List<byte[]> literals(String text) {
        List<String> found = new ArrayList<>();
        int start = 0;
        for (int at = 0; at <= text.length(); at++) {
            if (at == text.length() || NEVER_ESCAPED.indexOf(text.charAt(at)) < 0) {
                if (at > start) {
                    found.add(text.substring(start, at));
                }
                start = at + 1;
            }
        }
        found.sort((one, other) -> Integer.compare(other.length(), one.length()));
        return found.stream()
                .map(literal -> literal.getBytes(StandardCharsets.US_ASCII))
                .toList();
    }

    private static double share(byte[] bits) {
        long set = 0;
        for (int at = 0; at < bits.length; at += Long.BYTES) {
            set += Long.bitCount((long) LONGS.get(bits, at));
        }
        return (double) set / (bits.length * 8L);
    }

    private static int bit(long gram, int mask) {
        return (int) (((gram & GRAM_MASK) * SPREAD) >>> 32) & mask;
    }
}
