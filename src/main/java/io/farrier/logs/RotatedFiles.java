package io.farrier.logs;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files that a log was rotated to. Docker counts ({@code x.log.2}, {@code x.log.1}; moby:
 * daemon/logger/loggerutils/logfile.go), the kubelet writes its local time ({@code 0.log.20261120-150405}; kubernetes:
 * pkg/kubelet/logs/container_log_manager.go); both may compress to {@code .gz}.
 */
final class RotatedFiles {
    private static final Pattern SUFFIX = Pattern.compile("(?:([0-9]{1,5})|([0-9]{8}-[0-9]{6}))(\\.gz)?");

    private RotatedFiles() {}

    /** @param compressed true for gzip */
    record Rotated(Path path, boolean compressed) {}

    /** While a file is being compressed both are there: the plain one is whole, the other one not yet. */
    static List<Rotated> oldestFirst(Path log) throws IOException {
        Path folder = log.getParent();
        if (folder == null) {
            return List.of();
        }
        String prefix = log.getFileName() + ".";
        Map<Age, Rotated> byAge = new TreeMap<>();
        try (DirectoryStream<Path> siblings = Files.newDirectoryStream(folder)) {
            for (Path sibling : siblings) {
                String name = String.valueOf(sibling.getFileName());
                if (name.startsWith(prefix)) {
                    Matcher suffix = SUFFIX.matcher(name.substring(prefix.length()));
                    age(suffix)
                            .ifPresent(age -> byAge.merge(
                                    age,
                                    new Rotated(sibling, suffix.group(3) != null),
                                    (a, b) -> a.compressed() ? b : a));
                }
            }
        } catch (NoSuchFileException gone) {
            return List.of();
        }
        return List.copyOf(byAge.values());
    }

    /**
     * @param stamp the kubelet's, empty for Docker's
     * @param number Docker's, 0 for the kubelet's
     */
    private record Age(String stamp, int number) implements Comparable<Age> {
        private static final Comparator<Age> OLDEST_FIRST =
                Comparator.comparing(Age::stamp).thenComparing(Age::number, Comparator.reverseOrder());

        @Override
        public int compareTo(Age other) {
            return OLDEST_FIRST.compare(this, other);
        }
    }

    private static Optional<Age> age(Matcher suffix) {
        if (!suffix.matches()) {
            return Optional.empty();
        }
        return Optional.of(
                suffix.group(1) == null ? new Age(suffix.group(2), 0) : new Age("", Integer.parseInt(suffix.group(1))));
    }
}
