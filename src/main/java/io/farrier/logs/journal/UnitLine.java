package io.farrier.logs.journal;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.TimeUnit;

/**
 * An entry as lines of a CRI log file: {@code <time> stdout F <text>}. Every line of a message becomes one, with the
 * same time; a long one is split into pieces ({@code P}) as containerd does, and joined by the store. A warning and worse
 * goes to {@code stderr}. The same entry always gives the same bytes: after a kill they are compared with the file.
 */
final class UnitLine {
    /** containerd: pkg/cri/io/logger.go, defaultBufSize. */
    private static final int PIECE_BYTES = 16 << 10;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private UnitLine() {}

    static byte[] bytes(JournalEntry entry) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        String stream = entry.priority() <= JournalEntry.WARNING ? "stderr" : "stdout";
        String head = time(entry.micros()) + " " + stream + " ";
        byte[] message = entry.message();
        int start = 0;
        for (int i = 0; i < message.length; i++) {
            if (message[i] == '\n') {
                line(lines, head, message, start, i);
                start = i + 1;
            }
        }
        if (start < message.length || message.length == 0) {
            line(lines, head, message, start, message.length);
        }
        if (entry.cutBytes() > 0) {
            byte[] note =
                    ("[farrier: " + entry.cutBytes() + " bytes more were not kept]").getBytes(StandardCharsets.UTF_8);
            line(lines, head, note, 0, note.length);
        }
        return lines.toByteArray();
    }

    private static void line(ByteArrayOutputStream lines, String head, byte[] message, int from, int to) {
        int start = from;
        for (; to - start > PIECE_BYTES; start += PIECE_BYTES) {
            piece(lines, head + "P ", message, start, start + PIECE_BYTES);
        }
        piece(lines, head + "F ", message, start, to);
    }

    private static void piece(ByteArrayOutputStream lines, String head, byte[] message, int from, int to) {
        lines.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        lines.write(message, from, to - from);
        lines.write('\n');
    }

    private static String time(long micros) {
        long seconds = Math.floorDiv(micros, TimeUnit.SECONDS.toMicros(1));
        long nanos = TimeUnit.MICROSECONDS.toNanos(Math.floorMod(micros, TimeUnit.SECONDS.toMicros(1)));
        return TIME.format(Instant.ofEpochSecond(seconds, nanos));
    }
}
