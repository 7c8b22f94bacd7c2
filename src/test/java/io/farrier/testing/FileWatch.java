package io.farrier.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Sees what is written below some folders: by the kernel's word, which also tells of files that came and went again, and
 * by inode, size, mode, owner, mtime and ctime of each file, which also tells of a write that gave the same bytes.
 */
public final class FileWatch implements AutoCloseable {
    private static final String OF_A_FILE = "unix:ino,size,mode,uid,gid,lastModifiedTime,ctime";

    /** Its times and size move with the names in it, which are looked at themselves. */
    private static final String OF_A_FOLDER = "unix:ino,mode,uid,gid";

    private final List<Path> trees;
    private final Predicate<Path> ignored;
    private final WatchService service;
    private final Map<WatchKey, Path> folders = new HashMap<>();
    private final Map<Path, String> before;
    private final Set<String> written = new TreeSet<>();

    private FileWatch(List<Path> trees, Predicate<Path> ignored) throws IOException {
        this.trees = trees;
        this.ignored = ignored;
        this.service = trees.get(0).getFileSystem().newWatchService();
        for (Path tree : trees) {
            walk(tree, this::watch);
        }
        this.before = look();
    }

    /** @param ignored what changes by itself; of a folder, all of it */
    public static FileWatch on(List<Path> trees, Predicate<Path> ignored) {
        try {
            return new FileWatch(List.copyOf(trees), ignored);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Everything written until now, or, while nothing is, within this time; it returns at the first write. */
    public Set<String> writtenWithin(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        try {
            do {
                WatchKey key = service.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
                if (key != null) {
                    key.pollEvents().forEach(event -> note(folders.get(key), event));
                    key.reset();
                }
            } while (written.isEmpty() && System.nanoTime() < end);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while watching " + trees, e);
        }
        return Set.copyOf(written);
    }

    /** What is not as it was at the beginning. */
    public Set<String> differences() {
        Map<Path, String> now = look();
        Set<String> differences = new TreeSet<>();
        Set<Path> all = new TreeSet<>(before.keySet());
        all.addAll(now.keySet());
        for (Path path : all) {
            String was = before.getOrDefault(path, "absent");
            String is = now.getOrDefault(path, "absent");
            if (!was.equals(is)) {
                differences.add(path + " was " + was + ", is " + is);
            }
        }
        return differences;
    }

    private void note(Path folder, WatchEvent<?> event) {
        if (event.kind() == StandardWatchEventKinds.OVERFLOW) {
            written.add("more than the kernel remembers below " + folder);
            return;
        }
        Path path = folder.resolve((Path) event.context());
        if (!ignored.test(path)) {
            written.add(event.kind() + " " + path);
        }
    }

    private void watch(Path path, BasicFileAttributes attributes) throws IOException {
        if (attributes.isDirectory()) {
            WatchKey key = path.register(
                    service,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE);
            folders.put(key, path);
        }
    }

    private Map<Path, String> look() {
        Map<Path, String> seen = new TreeMap<>();
        try {
            for (Path tree : trees) {
                walk(tree, (path, found) -> seen.put(path, read(path, found.isDirectory() ? OF_A_FOLDER : OF_A_FILE)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return seen;
    }

    private static String read(Path path, String attributes) throws IOException {
        return new TreeMap<>(Files.readAttributes(path, attributes, LinkOption.NOFOLLOW_LINKS)).toString();
    }

    private interface Visit {
        void to(Path path, BasicFileAttributes attributes) throws IOException;
    }

    private void walk(Path tree, Visit visit) throws IOException {
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                if (ignored.test(folder)) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                visit.to(folder, attributes);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!ignored.test(file)) {
                    visit.to(file, attributes);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }
        });
    }

    @Override
    public void close() {
        try {
            service.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
