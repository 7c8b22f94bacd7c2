package io.farrier.logs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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
 * The files that a log was rotated to. Docker and logrotate count ({@code x.log.2}, {@code x.log.1}; moby:
 * daemon/logger/loggerutils/logfile.go), the kubelet writes its local time ({@code 0.log.20261120-150405}; kubernetes:
 * pkg/kubelet/logs/container_log_manager.go), logrotate's dateext the day ({@code x.log-20261120}), lumberjack, which k3s
 * and the API server's audit log use, a time within the name ({@code x-2026-11-20T15-04-05.000.log}). All may compress to
 * {@code .gz}.
 */
final class RotatedFiles {
    private static final String GZIP = ".gz";

    /** No deflate stream is shorter than its content by more; a file that is cut short says anything at its end. */
    private static final long MAX_DEFLATION = 1032;

    private static final String SUFFIXES = "\\.([0-9]{1,5})|[.-]([0-9]{8}-[0-9]{6}|[0-9]{8}(?:-?[0-9]{1,10})?)";
    private static final String STAMP = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}-[0-9]{2}\\.[0-9]{3}";

    private static final Pattern SUFFIX = Pattern.compile(SUFFIXES);
    private static final Pattern MIDDLE = Pattern.compile(STAMP);
    private static final Pattern ROTATED =
            Pattern.compile(".+(?:" + SUFFIXES + "|-" + STAMP + "(?:\\.[^.]*)?|\\.gz)(?:\\.gz)?");

    private RotatedFiles() {}

    /** @param compressed true for gzip */
    record Rotated(Path path, boolean compressed) {
        /** Of the content: gzip says it at its end, modulo 4 GiB (RFC 1952); 0 for a file that is gone. */
        long contentBytes() throws IOException {
            try (FileChannel file = FileChannel.open(path)) {
                ByteBuffer end = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                if (!compressed || file.read(end, Math.max(0, file.size() - Integer.BYTES)) < Integer.BYTES) {
                    return file.size();
                }
                return Math.min(Integer.toUnsignedLong(end.getInt(0)), file.size() * MAX_DEFLATION);
            } catch (NoSuchFileException gone) {
                return 0;
            }
        }
    }

    /** True for a name that no log is written under. */
    static boolean isRotated(Path path) {
        return ROTATED.matcher(String.valueOf(path.getFileName())).matches();
    }

    /** While a file is being compressed both are there: the plain one is whole, the other one not yet. */
    static List<Rotated> oldestFirst(Path log) throws IOException {
        Path folder = log.getParent();
        if (folder == null) {
            return List.of();
        }
        String name = String.valueOf(log.getFileName());
        Map<Age, Rotated> byAge = new TreeMap<>();
        try (DirectoryStream<Path> siblings = Files.newDirectoryStream(folder)) {
            for (Path sibling : siblings) {
                String other = String.valueOf(sibling.getFileName());
                boolean compressed = other.endsWith(GZIP);
                String plain = compressed ? other.substring(0, other.length() - GZIP.length()) : other;
                age(name, plain)
                        .filter(age -> Files.isRegularFile(sibling, LinkOption.NOFOLLOW_LINKS))
                        .ifPresent(age ->
                                byAge.merge(age, new Rotated(sibling, compressed), (a, b) -> a.compressed() ? b : a));
            }
        } catch (NoSuchFileException gone) {
            return List.of();
        }
        return List.copyOf(byAge.values());
    }

    /**
     * @param stamp a time, empty for a count
     * @param number a count, which rises with age; 0 for a time
     */
    private record Age(String stamp, int number) implements Comparable<Age> {
        private static final Comparator<Age> OLDEST_FIRST =
                Comparator.comparing(Age::stamp).thenComparing(Age::number, Comparator.reverseOrder());

        @Override
        public int compareTo(Age other) {
            return OLDEST_FIRST.compare(this, other);
        }
    }

    private static Optional<Age> age(String log, String rotated) {
        if (rotated.length() <= log.length()) {
            return Optional.empty();
        }
        int dot = log.lastIndexOf('.');
        String stem = dot < 0 ? log : log.substring(0, dot);
        String end = log.substring(stem.length());
        if (rotated.startsWith(stem + "-") && rotated.endsWith(end)) {
            String stamp = rotated.substring(stem.length() + 1, rotated.length() - end.length());
            if (MIDDLE.matcher(stamp).matches()) {
                return Optional.of(new Age(stamp, 0));
            }
        }
        Matcher suffix = SUFFIX.matcher(rotated.startsWith(log) ? rotated.substring(log.length()) : "");
        if (!suffix.matches()) {
            return Optional.empty();
        }
        return Optional.of(
                suffix.group(1) == null ? new Age(suffix.group(2), 0) : new Age("", Integer.parseInt(suffix.group(1))));
    }
}
