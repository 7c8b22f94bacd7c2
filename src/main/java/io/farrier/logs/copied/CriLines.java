package io.farrier.logs.copied;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Lines of a CRI log file that have one time: {@code <time> stdout F <text>}. A long one is split into pieces ({@code P})
 * as containerd does, and joined by the store. The same text always gives the same bytes: after a kill they are compared
 * with the file.
 */
public final class CriLines {
    /** containerd: pkg/cri/io/logger.go, defaultBufSize. */
    private static final int PIECE_BYTES = 16 << 10;

    private final byte[] head;
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream();

    /** @param time RFC 3339, with as many digits of the second as its origin knows */
    public CriLines(String time, boolean isStderr) {
        this.head = (time + (isStderr ? " stderr " : " stdout ")).getBytes(StandardCharsets.US_ASCII);
    }

    /** Every line of the text becomes one. */
    public CriLines add(byte[] text) {
        return add(text, true);
    }

    /** @param isWhole false when the last line of the text goes on in what comes next */
    public CriLines add(byte[] text, boolean isWhole) {
        int start = 0;
        for (int i = 0; i < text.length; i++) {
            if (text[i] == '\n') {
                line(text, start, i, true);
                start = i + 1;
            }
        }
        if (start < text.length || text.length == 0) {
            line(text, start, text.length, isWhole);
        }
        return this;
    }

    public byte[] bytes() {
        return lines.toByteArray();
    }

    private void line(byte[] text, int from, int to, boolean isWhole) {
        int start = from;
        for (; to - start > PIECE_BYTES; start += PIECE_BYTES) {
            piece('P', text, start, start + PIECE_BYTES);
        }
        piece(isWhole ? 'F' : 'P', text, start, to);
    }

    private void piece(char tag, byte[] text, int from, int to) {
        lines.writeBytes(head);
        lines.write(tag);
        lines.write(' ');
        lines.write(text, from, to - from);
        lines.write('\n');
    }
}
