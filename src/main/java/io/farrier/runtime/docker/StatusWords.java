package io.farrier.runtime.docker;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Docker's line about a container ("Up 5 minutes (healthy)", "Exited (0) 2 days ago"): what it says, and for how long that
 * has been so, in the words of docker/go-units ({@code HumanDuration}).
 *
 * @param saying the line without its age
 * @param seconds its age at least; {@link #NONE} where it has none
 */
record StatusWords(String saying, long seconds) {
    private static final long NONE = -1;

    private static final Pattern AGE = Pattern.compile(
            "Less than a second|(\\d{1,9}) (second|minute|hour|day|week|month|year)s?|About an? (minute|hour)");

    private static final long MINUTE = 60;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;

    private static final Map<String, Long> SECONDS = Map.of(
            "second", 1L, "minute", MINUTE, "hour", HOUR, "day", DAY, "week", 7 * DAY, "month", 30 * DAY, "year",
            365 * DAY);

    /** Docker's clock is read to the second, ours before and after it was asked. */
    private static final long SLACK = 2;

    static StatusWords parse(String line) {
        Matcher age = AGE.matcher(line);
        return age.find()
                ? new StatusWords(line.substring(0, age.start()) + line.substring(age.end()), seconds(age))
                : new StatusWords(line, NONE);
    }

    private static long seconds(Matcher age) {
        if (age.group(3) != null) {
            return unit(age.group(3));
        }
        if (age.group(1) == null) {
            return 0;
        }
        // Hours are the only ones that are rounded up too.
        long rounding = age.group(2).equals("hour") ? HOUR / 2 : 0;
        return Long.parseLong(age.group(1)) * unit(age.group(2)) - rounding;
    }

    private static long unit(String word) {
        return SECONDS.getOrDefault(word, 0L);
    }

    /**
     * Whether nothing happened but that time went by: what began anew since the last look is younger than that.
     *
     * @param elapsed seconds since {@code before} was seen
     */
    boolean isStill(StatusWords before, long elapsed) {
        if (seconds == NONE) {
            return equals(before);
        }
        return seconds >= before.seconds && seconds > elapsed + SLACK && saying.equals(before.saying);
    }
}
