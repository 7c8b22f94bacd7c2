package io.farrier.logs.copied;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of all logs of one origin: {@code NAME.log} and, numbered as Docker does, {@code NAME.log.1} and older ones,
 * which are deleted when the collector has them.
 */
public final class CopiedFiles implements Closeable {
    /** Small, so that the disk is given back soon: only whole files are deleted. */
    public static final long FILE_BYTES = 1 << 20;

    /** The store keeps no line that is longer than a few megabytes whole. */
    private static final long LONGEST_FILE_BYTES = 4 << 20;

    /** Of all logs. Beyond it the origin waits, which has bounds of its own. */
    public static final long MAX_BYTES = 64 << 20;

    private static final Pattern ROTATED = Pattern.compile("(.+\\.log)\\.([0-9]{1,5})");
    private static final Pattern LOG = Pattern.compile("(.+)\\.log(\\.[0-9]{1,5})?");
    private static final CopiedFile.End UNKNOWN = new CopiedFile.End(-1, 0);

    private final Path folder;
    private final long maxBytes;
    private final Map<String, CopiedFile> live = new HashMap<>();
    private final Map<String, CopiedFile.End> known;
    private long rotatedBytes;

    private CopiedFiles(Path folder, long maxBytes, Map<String, CopiedFile.End> known) {
        this.folder = folder;
        this.maxBytes = maxBytes;
        this.known = new HashMap<>(known);
    }

    /** @param known of the wanted logs; what there is of others is deleted, for it is in scope no longer */
    public static CopiedFiles open(Path folder, long maxBytes, Set<String> wanted, Map<String, CopiedFile.End> known)
            throws IOException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        CopiedFiles files = new CopiedFiles(folder, maxBytes, known);
        files.deleteUnwanted(wanted);
        for (String name : known.keySet()) {
            if (wanted.contains(name)) {
                files.fileOf(name);
            }
        }
        files.countRotated();
        return files;
    }

    public Path path(String name) {
        return folder.resolve(name + ".log");
    }

    public long bytes() {
        return rotatedBytes + live.values().stream().mapToLong(CopiedFile::size).sum();
    }

    public boolean isFull() {
        return bytes() >= maxBytes;
    }

    public void append(String name, byte[] lines) throws IOException {
        fileOf(name).append(lines);
    }

    /** Whether its file has become long enough to be put aside, which changes what a position means. */
    public boolean isGrown(String name) {
        CopiedFile file = live.get(name);
        return file != null && file.size() >= FILE_BYTES;
    }

    /** Whether it is so long that it has to be put aside, though it be within a line. */
    public boolean isOvergrown(String name) {
        CopiedFile file = live.get(name);
        return file != null && file.size() >= LONGEST_FILE_BYTES;
    }

    /** Puts the live file aside and begins the next one. */
    public void rotate(String name) throws IOException {
        retire(name);
        fileOf(name);
    }

    /** Puts the live file aside, if there is one; nothing more will come. */
    public void retire(String name) throws IOException {
        if (!Files.exists(path(name))) {
            return;
        }
        for (Rotated rotated : rotated(name)) {
            Files.move(rotated.path(), folder.resolve(name + ".log." + (rotated.number() + 1)));
        }
        CopiedFile full = live.remove(name);
        if (full != null) {
            full.close();
        }
        known.remove(name);
        Files.move(path(name), folder.resolve(name + ".log.1"));
        countRotated();
    }

    /** Deletes all that there is of a log. */
    public void drop(String name) throws IOException {
        retire(name);
        for (Rotated rotated : rotated(name)) {
            Files.deleteIfExists(rotated.path());
        }
        countRotated();
    }

    /** The logs of which anything is there. */
    public Set<String> names() throws IOException {
        Set<String> found = new HashSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Matcher log = LOG.matcher(String.valueOf(file.getFileName()));
                if (log.matches()) {
                    found.add(log.group(1));
                }
            }
        }
        return found;
    }

    /** Deletes what was rotated and the collector has. */
    public void delete(Stored stored) throws IOException {
        for (Rotated rotated : rotated("")) {
            if (stored.has(rotated.path())) {
                Files.deleteIfExists(rotated.path());
            }
        }
        countRotated();
    }

    /** How many fsyncs {@link #force} will take. */
    public int unforced() {
        return (int) live.values().stream().filter(CopiedFile::isUnforced).count();
    }

    /** All that was appended is on disk, and so are the names. */
    public Map<String, CopiedFile.End> force() throws IOException {
        Map<String, CopiedFile.End> ends = new HashMap<>();
        for (Map.Entry<String, CopiedFile> file : live.entrySet()) {
            file.getValue().force();
            ends.put(file.getKey(), file.getValue().end());
        }
        return ends;
    }

    @Override
    public void close() throws IOException {
        for (CopiedFile file : live.values()) {
            file.close();
        }
    }

    private void deleteUnwanted(Set<String> wanted) throws IOException {
        for (String name : names()) {
            if (!wanted.contains(name)) {
                drop(name);
            }
        }
    }

    private CopiedFile fileOf(String name) throws IOException {
        CopiedFile file = live.get(name);
        if (file == null) {
            file = CopiedFile.open(path(name), known.getOrDefault(name, UNKNOWN));
            live.put(name, file);
        }
        return file;
    }

    private void countRotated() throws IOException {
        rotatedBytes = 0;
        for (Rotated rotated : rotated("")) {
            rotatedBytes += Files.size(rotated.path());
        }
    }

    private record Rotated(Path path, int number) {}

    /** Highest number first; of all logs for the empty name. */
    private List<Rotated> rotated(String name) throws IOException {
        List<Rotated> found = new ArrayList<>();
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(folder)) {
            for (Path path : paths) {
                Matcher rotated = ROTATED.matcher(String.valueOf(path.getFileName()));
                if (rotated.matches() && (name.isEmpty() || rotated.group(1).equals(name + ".log"))) {
                    found.add(new Rotated(path, Integer.parseInt(rotated.group(2))));
                }
            }
        }
        found.sort(Comparator.comparingInt(Rotated::number).reversed());
        return found;
    }
}
