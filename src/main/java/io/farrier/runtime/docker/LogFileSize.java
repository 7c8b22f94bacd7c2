package io.farrier.runtime.docker;

import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import io.farrier.sample.ContainerSample;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The log option {@code max-size}, in which dockerd has merged its own defaults when it made the container (moby:
 * daemon/logger/jsonfilelog/jsonfilelog.go). It is read as dockerd reads it: a {@code k} is a thousand (docker/go-units:
 * FromHumanSize).
 */
final class LogFileSize {
    private static final String OPTION = "max-size";
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,12}(?:\\.[0-9]{1,12})?) ?([kmgtp]?)i?b?");
    private static final String UNITS = "kmgtp";
    private static final int UNKNOWN = 0;

    private LogFileSize() {}

    /** See {@link ContainerSample#logFileBytes}. */
    static long of(@Nullable HostConfig host) {
        LogConfig log = host == null ? null : host.getLogConfig();
        if (log == null) {
            return UNKNOWN;
        }
        Map<String, String> options = log.getConfig();
        String size = options == null ? null : options.get(OPTION);
        return size == null ? ContainerSample.UNBOUNDED : bytes(size);
    }

    static long bytes(String size) {
        if (size.equals("-1")) {
            return ContainerSample.UNBOUNDED;
        }
        Matcher parts = SIZE.matcher(size.toLowerCase(Locale.ROOT));
        if (!parts.matches()) {
            return UNKNOWN;
        }
        int power = parts.group(2).isEmpty() ? 0 : 1 + UNITS.indexOf(parts.group(2));
        return (long) (Double.parseDouble(parts.group(1)) * Math.pow(1000, power));
    }
}
