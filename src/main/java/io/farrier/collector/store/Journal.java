package io.farrier.collector.store;

import io.farrier.segment.NotASegmentException;
import io.farrier.segment.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was acknowledged and is not in a block yet: one fsync covers the lines of all nodes. A folder of numbered files,
 * each deleted as soon as nothing in it is needed. One writer.
 *
 * <p>After a write or an fsync that failed, nobody knows what the disk holds of it: the file is cut back to what was
 * committed before and never written again.
 */
final class Journal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final String SUFFIX = ".journal";

    private final Path folder;
    private final long fileBytes;

    /** The files, with their lengths. */
    private final NavigableMap<Integer, Long> files = new TreeMap<>();

    private @Nullable Segment open;
    private long committed;
    private int next = 1;

    /** Hears of each record that is there, in order. */
    @FunctionalInterface
    interface Replay {
        void record(int file, ByteBuffer record) throws IOException;
    }

    private Journal(Path folder, long fileBytes) {
        this.folder = folder;
        this.fileBytes = fileBytes;
    }

    /** @param fileBytes from which on another file is begun */
    static Journal open(Path folder, long fileBytes, Replay replay) throws IOException {
        Files.createDirectories(folder);
        Journal journal = new Journal(folder, fileBytes);
        for (Path file : journal.inOrder()) {
            journal.replay(file, replay);
        }
        return journal;
    }

    /** The file that {@link #append} writes to. */
    int current() throws IOException {
        return open == null || open.length() >= fileBytes ? begin() : files.lastKey();
    }

    void append(ByteBuffer record) throws IOException {
        current();
        if (open != null) {
            open.append(record);
            files.put(files.lastKey(), open.length());
        }
    }

    /** Returns when all that was appended is on disk. */
    void commit() throws IOException {
        if (open != null && open.length() > committed) {
            open.force();
            committed = open.length();
        }
    }

    /** Takes back what was appended since the last commit. */
    void rollback() throws IOException {
        Segment failed = open;
        if (failed == null) {
            return;
        }
        open = null;
        try (failed) {
            files.put(files.lastKey(), committed);
            failed.cutBack(committed);
        }
    }

    /** Deletes the files before {@code first}: nothing in them is needed. */
    void releaseBefore(int first) throws IOException {
        while (!files.isEmpty() && files.firstKey() < first) {
            int file = files.firstKey();
            if (open != null && file == files.lastKey()) {
                open.close();
                open = null;
            }
            Files.deleteIfExists(path(file));
            files.remove(file);
        }
    }

    /** The number that the next new file will have. */
    int next() {
        return next;
    }

    int count() {
        return files.size();
    }

    int oldest() {
        return files.isEmpty() ? next : files.firstKey();
    }

    long bytes() {
        return files.values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public void close() throws IOException {
        if (open != null) {
            open.close();
        }
    }

    private int begin() throws IOException {
        if (open != null) {
            // A group may go over two files; the first must not wait for an fsync that never comes.
            open.force();
            open.close();
            open = null;
        }
        int number = next;
        open = Segment.open(path(number), (position, payload) -> {});
        next++;
        committed = open.length();
        files.put(number, committed);
        return number;
    }

    private void replay(Path path, Replay replay) throws IOException {
        int number = number(path);
        next = Math.max(next, number + 1);
        try (Segment segment = Segment.open(path, (position, payload) -> replay.record(number, payload))) {
            files.put(number, segment.length());
            if (segment.skippedBytes() > 0) {
                LOG.warn("{} was damaged: {} bytes of log lines are lost", path, segment.skippedBytes());
            }
        } catch (NotASegmentException damaged) {
            Path aside = path.resolveSibling(path.getFileName() + ".damaged");
            Files.move(path, aside, StandardCopyOption.REPLACE_EXISTING);
            LOG.warn("{}. It is now {}, and its lines are lost.", damaged.getMessage(), aside.getFileName());
        }
    }

    private List<Path> inOrder() throws IOException {
        try (Stream<Path> there = Files.list(folder)) {
            return there.filter(file -> file.getFileName().toString().matches("[0-9]{10}\\" + SUFFIX))
                    .sorted()
                    .toList();
        }
    }

    private static int number(Path file) {
        return Integer.parseInt(file.getFileName().toString().substring(0, 10));
    }

    private Path path(int number) {
        return folder.resolve(String.format("%010d", number) + SUFFIX);
    }
}
