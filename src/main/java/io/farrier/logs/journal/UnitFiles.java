package io.farrier.logs.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of all units: {@code UNIT.log} and, numbered as Docker does, {@code UNIT.log.1} and older ones, which are
 * deleted when the collector has them.
 */
final class UnitFiles implements Closeable {
    /** Small, so that the disk is given back soon: only whole files are deleted. */
    static final long FILE_BYTES = 1 << 20;

    /** Of all units. Beyond it the journal waits, which has bounds of its own (journald.conf: SystemMaxUse=). */
    static final long MAX_BYTES = 64 << 20;

    private static final Pattern ROTATED = Pattern.compile("(.+\\.log)\\.([0-9]{1,5})");
    private static final Pattern LOG = Pattern.compile("(.+)\\.log(\\.[0-9]{1,5})?");
    private static final Position.FileEnd UNKNOWN = new Position.FileEnd(-1, 0);

    private final Path folder;
    private final long maxBytes;
    private final Map<String, UnitFile> live = new HashMap<>();
    private final Map<String, Position.FileEnd> known;
    private long rotatedBytes;

    private UnitFiles(Path folder, long maxBytes, Map<String, Position.FileEnd> known) {
        this.folder = folder;
        this.maxBytes = maxBytes;
        this.known = new HashMap<>(known);
    }

    /** @param known of the wanted units; what there is of others is deleted, for it is in scope no longer */
    static UnitFiles open(Path folder, long maxBytes, Set<String> wanted, Map<String, Position.FileEnd> known)
            throws IOException {
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        UnitFiles files = new UnitFiles(folder, maxBytes, known);
        files.deleteUnwanted(wanted);
        for (String unit : known.keySet()) {
            if (wanted.contains(unit)) {
                files.fileOf(unit);
            }
        }
        files.countRotated();
        return files;
    }

    Path path(String unit) {
        return folder.resolve(unit + ".log");
    }

    long bytes() {
        return rotatedBytes + live.values().stream().mapToLong(UnitFile::size).sum();
    }

    boolean isFull() {
        return bytes() >= maxBytes;
    }

    void append(String unit, byte[] lines) throws IOException {
        fileOf(unit).append(lines);
    }

    /** The units whose file has become long enough to be put aside, which changes what a position means. */
    List<String> grown() {
        return live.entrySet().stream()
                .filter(file -> file.getValue().size() >= FILE_BYTES)
                .map(Map.Entry::getKey)
                .toList();
    }

    void rotate(String unit) throws IOException {
        for (Rotated rotated : rotated(unit)) {
            Files.move(rotated.path(), folder.resolve(unit + ".log." + (rotated.number() + 1)));
        }
        UnitFile full = live.remove(unit);
        if (full != null) {
            full.close();
        }
        known.remove(unit);
        Files.move(path(unit), folder.resolve(unit + ".log.1"));
        fileOf(unit);
        countRotated();
    }

    /** Deletes what was rotated and the collector has. */
    void delete(Stored stored) throws IOException {
        for (Rotated rotated : rotated("")) {
            if (stored.has(rotated.path())) {
                Files.deleteIfExists(rotated.path());
            }
        }
        countRotated();
    }

    /** All that was appended is on disk, and so are the names. */
    Map<String, Position.FileEnd> force() throws IOException {
        Map<String, Position.FileEnd> ends = new HashMap<>();
        for (Map.Entry<String, UnitFile> file : live.entrySet()) {
            file.getValue().force();
            ends.put(file.getKey(), file.getValue().end());
        }
        return ends;
    }

    @Override
    public void close() throws IOException {
        for (UnitFile file : live.values()) {
            file.close();
        }
    }

    private void deleteUnwanted(Set<String> wanted) throws IOException {
        try (DirectoryStream<Path> names = Files.newDirectoryStream(folder)) {
            for (Path name : names) {
                Matcher log = LOG.matcher(String.valueOf(name.getFileName()));
                if (log.matches() && !wanted.contains(log.group(1))) {
                    Files.delete(name);
                }
            }
        }
    }

    private UnitFile fileOf(String unit) throws IOException {
        UnitFile file = live.get(unit);
        if (file == null) {
            file = UnitFile.open(path(unit), known.getOrDefault(unit, UNKNOWN));
            live.put(unit, file);
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

    /** Highest number first; of all units for the empty name. */
    private List<Rotated> rotated(String unit) throws IOException {
        List<Rotated> found = new ArrayList<>();
        try (DirectoryStream<Path> names = Files.newDirectoryStream(folder)) {
            for (Path name : names) {
                Matcher rotated = ROTATED.matcher(String.valueOf(name.getFileName()));
                if (rotated.matches() && (unit.isEmpty() || rotated.group(1).equals(unit + ".log"))) {
                    found.add(new Rotated(name, Integer.parseInt(rotated.group(2))));
                }
            }
        }
        found.sort(Comparator.comparingInt(Rotated::number).reversed());
        return found;
    }
}
