package io.farrier.runtime.docker;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Docker's line about a container ("Up 5 minutes (healthy)", "Exited (0) 2 days ago"): what it says, and for how long that
 * has been so, in the words of docker/go-units ({@code HumanDuration}).
 *
 * @param saying the line without its age, where that is a minute or more
 * @param minutes its age, rounded as Docker does; 0 below a minute and where it has none
 */
record StatusWords(String saying, long minutes) {
    private static final Pattern AGE = Pattern.compile(
            "Less than a second|\\d{1,9} seconds?|About an? (minute|hour)|(\\d{1,9}) (minute|hour|day|week|month|year)s");

    private static final Map<String, Integer> MINUTES = Map.of(
            "minute", 1, "hour", 60, "day", 24 * 60, "week", 7 * 24 * 60, "month", 30 * 24 * 60, "year", 365 * 24 * 60);

    static StatusWords parse(String line) {
        Matcher age = AGE.matcher(line);
        long minutes = age.find() ? minutes(age) : 0;
        return minutes == 0
                ? new StatusWords(line, 0)
                : new StatusWords(line.substring(0, age.start()) + line.substring(age.end()), minutes);
    }

    private static long minutes(Matcher age) {
        if (age.group(1) != null) {
            return unit(age.group(1));
        }
        return age.group(3) == null ? 0 : Long.parseLong(age.group(2)) * unit(age.group(3));
    }

    private static long unit(String word) {
        return MINUTES.getOrDefault(word, 0);
    }

    /**
     * Whether nothing happened but that time went by. A container that began anew is younger; one that is not a minute old
     * may have begun anew and look older all the same.
     */
    boolean isOlderThan(StatusWords before) {
        return before.minutes > 0 && minutes >= before.minutes && saying.equals(before.saying);
    }
}
