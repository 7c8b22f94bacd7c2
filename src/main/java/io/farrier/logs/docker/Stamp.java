package io.farrier.logs.docker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * The time before each piece, nine digits of the second and a zone (moby: pkg/jsonmessage, RFC3339NanoFixed): UTC, or the
 * daemon's own zone with the drivers whose lines dockerd decodes itself.
 */
final class Stamp {
    /** With a zone such as {@code +02:00}, and the space behind it. */
    static final int MAX_BYTES = "2026-11-29T08:00:00.000000000+02:00 ".length();

    private static final DateTimeFormatter UTC =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'").withZone(ZoneOffset.UTC);

    private Stamp() {}

    static Instant parse(byte[] text) throws IOException {
        String stamp = new String(text, StandardCharsets.ISO_8859_1);
        try {
            return OffsetDateTime.parse(stamp).toInstant();
        } catch (DateTimeException strange) {
            throw new IOException("Docker's log has no time where each line begins with one", strange);
        }
    }

    static String utc(Instant time) {
        return UTC.format(time);
    }

    /** As the API's {@code since} is written. */
    static String unix(Instant time) {
        return "%d.%09d".formatted(time.getEpochSecond(), time.getNano());
    }
}
