package io.farrier.registry;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** The header of RFC 9110 section 10.2.3: seconds, or a date. */
final class RetryAfter {
    /** A registry that sends a node away for a day, by mistake or by malice, is asked again after this. */
    private static final Duration LONGEST = Duration.ofMinutes(15);

    private RetryAfter() {}

    static Optional<Duration> parse(Optional<String> header, Clock clock) {
        return header.flatMap(text -> seconds(text.strip(), clock)).map(RetryAfter::bounded);
    }

    private static Optional<Duration> seconds(String text, Clock clock) {
        try {
            return text.matches("\\d{1,9}")
                    ? Optional.of(Duration.ofSeconds(Long.parseLong(text)))
                    : Optional.of(Duration.between(
                            clock.instant(),
                            ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                                    .toInstant()));
        } catch (DateTimeException neither) {
            return Optional.empty();
        }
    }

    private static Duration bounded(Duration duration) {
        if (duration.isNegative()) {
            return Duration.ZERO;
        }
        return duration.compareTo(LONGEST) < 0 ? duration : LONGEST;
    }
}
