package io.farrier.logs.journal;

import io.farrier.logs.copied.CriLines;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.TimeUnit;

/** An entry as lines of a CRI log file. A warning and worse goes to {@code stderr}. */
final class UnitLine {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private UnitLine() {}

    static byte[] bytes(JournalEntry entry) {
        CriLines lines = new CriLines(time(entry.micros()), entry.priority() <= JournalEntry.WARNING);
        lines.add(entry.message());
        if (entry.cutBytes() > 0) {
            lines.add(
                    ("[farrier: " + entry.cutBytes() + " bytes more were not kept]").getBytes(StandardCharsets.UTF_8));
        }
        return lines.bytes();
    }

    private static String time(long micros) {
        long seconds = Math.floorDiv(micros, TimeUnit.SECONDS.toMicros(1));
        long nanos = TimeUnit.MICROSECONDS.toNanos(Math.floorMod(micros, TimeUnit.SECONDS.toMicros(1)));
        return TIME.format(Instant.ofEpochSecond(seconds, nanos));
    }
}
