package io.farrier.archive;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The 512 bytes before a file in a tar, POSIX ustar.
 *
 * @param link target of a symbolic or hard link, empty for others
 */
record TarHeader(String name, long size, char type, String link) {
    static final int BLOCK = 512;

    static final char FILE = '0';
    static final char SYMBOLIC_LINK = '2';
    static final char FOLDER = '5';
    static final char EXTENDED = 'x';

    private static final int NAME_BYTES = 100;
    private static final int SIZE = 124;
    private static final int SIZE_BYTES = 12;
    private static final int CHECKSUM = 148;
    private static final int CHECKSUM_BYTES = 8;
    private static final int TYPE = 156;
    private static final int LINK = 157;
    private static final int MAGIC = 257;
    private static final int PREFIX = 345;
    private static final int PREFIX_BYTES = 155;
    private static final long MAX_OCTAL = 0_77777777777L; // 8 GiB - 1; beyond it the number is binary
    private static final int BINARY = 0x80;

    /** A file of root's that all may read, of the beginning of time: the same content makes the same bytes. */
    static byte[] ofFile(String name, long size) {
        byte[] block = new byte[BLOCK];
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        if (bytes.length > NAME_BYTES) {
            throw new IllegalArgumentException("'" + name + "' is too long for a tar of ours");
        }
        System.arraycopy(bytes, 0, block, 0, bytes.length);
        put(block, 100, "0000644");
        put(block, 108, "0000000");
        put(block, 116, "0000000");
        putSize(block, size);
        put(block, 136, "00000000000");
        block[TYPE] = FILE;
        put(block, MAGIC, "ustar");
        put(block, MAGIC + 6, "00");
        putChecksum(block);
        return block;
    }

    private static void putSize(byte[] block, long size) {
        if (size <= MAX_OCTAL) {
            put(block, SIZE, String.format("%011o", size));
            return;
        }
        block[SIZE] = (byte) BINARY;
        for (int i = 0; i < Long.BYTES; i++) {
            block[SIZE + SIZE_BYTES - 1 - i] = (byte) (size >>> (8 * i));
        }
    }

    private static void putChecksum(byte[] block) {
        Arrays.fill(block, CHECKSUM, CHECKSUM + CHECKSUM_BYTES, (byte) ' ');
        put(block, CHECKSUM, String.format("%06o", sum(block)));
        block[CHECKSUM + 6] = 0;
    }

    private static void put(byte[] block, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, block, at, bytes.length);
    }

    private static int sum(byte[] block) {
        int sum = 0;
        for (byte each : block) {
            sum += each & 0xff;
        }
        return sum;
    }

    static boolean isEmpty(byte[] block) {
        for (byte each : block) {
            if (each != 0) {
                return false;
            }
        }
        return true;
    }

    static TarHeader parse(byte[] block) throws Malformed {
        byte[] unsigned = block.clone();
        Arrays.fill(unsigned, CHECKSUM, CHECKSUM + CHECKSUM_BYTES, (byte) ' ');
        if (octal(block, CHECKSUM, CHECKSUM_BYTES) != sum(unsigned)) {
            throw new Malformed("a header in it has a wrong checksum, or it is no tar at all");
        }
        char type = block[TYPE] == 0 ? FILE : (char) block[TYPE];
        return new TarHeader(name(block), number(block, SIZE, SIZE_BYTES), type, text(block, LINK, NAME_BYTES));
    }

    private static String name(byte[] block) throws Malformed {
        String name = text(block, 0, NAME_BYTES);
        // GNU's own format has times where POSIX has a prefix.
        boolean isPosix = text(block, MAGIC, 6).equals("ustar");
        String prefix = isPosix ? text(block, PREFIX, PREFIX_BYTES) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    private static String text(byte[] block, int at, int length) throws Malformed {
        int end = at;
        while (end < at + length && block[end] != 0) {
            if (block[end] < ' ' || block[end] == 127) {
                throw new Malformed("a name in it has characters that no image archive has");
            }
            end++;
        }
        return new String(block, at, end - at, StandardCharsets.US_ASCII);
    }

    private static long number(byte[] block, int at, int length) throws Malformed {
        if ((block[at] & BINARY) == 0) {
            return octal(block, at, length);
        }
        long value = block[at] & 0x7f;
        for (int i = at + 1; i < at + length; i++) {
            if (value >> 47 != 0) {
                throw new Malformed("a size in it is beyond all measure");
            }
            value = (value << 8) | (block[i] & 0xff);
        }
        return value;
    }

    private static long octal(byte[] block, int at, int length) throws Malformed {
        String text = new String(block, at, length, StandardCharsets.US_ASCII)
                .replace('\0', ' ')
                .strip();
        if (text.isEmpty()) {
            return 0;
        }
        try {
            long value = Long.parseLong(text, 8);
            if (value < 0) {
                throw new Malformed("a size in it is negative");
            }
            return value;
        } catch (NumberFormatException notOctal) {
            throw new Malformed("a number in a header of it is not octal");
        }
    }
}
