package io.farrier.logs;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The files that {@code logs.files} names. The agent is root and others may write where logs are, so only regular files
 * count, and every folder and link on the way to one must be root's: else a link could send out any file of the node.
 */
public final class PlainFiles {
    /** What one configuration may name; each is a label at the collector. */
    public static final int MAX_FILES = 256;

    /** A folder with more names than this is not one of logs. */
    private static final int MAX_NAMES = 10_000;

    private final List<String> patterns;
    private final Path root;
    private final LogFolders folders;

    /** @param patterns absolute, with {@code *} for any characters but a slash */
    public PlainFiles(List<String> patterns) {
        this(patterns, Path.of("/"));
    }

    /** @param root below which the node's files lie; paths are given as the node sees them */
    public PlainFiles(List<String> patterns, Path root) {
        this(patterns, root, LogFolders.ofRoot());
    }

    PlainFiles(List<String> patterns, LogFolders folders) {
        this(patterns, Path.of("/"), folders);
    }

    private PlainFiles(List<String> patterns, Path root, LogFolders folders) {
        this.root = root;
        this.patterns = List.copyOf(patterns);
        this.folders = folders;
    }

    /** @param because one clause that says why it is shipped, or not */
    public record Found(Path path, boolean ships, String because) {}

    /** What there is now, by name. */
    public List<Found> find() throws IOException {
        Map<Path, Found> found = new LinkedHashMap<>();
        for (String pattern : patterns) {
            for (Path path : expand(pattern)) {
                if (!found.containsKey(path)) {
                    found.put(path, judge(path, pattern, ships(found)));
                }
            }
        }
        return found.values().stream()
                .map(file -> new Found(onNode(file.path()), file.ships(), file.because()))
                .toList();
    }

    private Path onNode(Path path) {
        return Path.of("/").resolve(root.relativize(path));
    }

    private static long ships(Map<Path, Found> found) {
        return found.values().stream().filter(Found::ships).count();
    }

    private Found judge(Path path, String pattern, long already) throws IOException {
        if (RotatedFiles.isRotated(path)) {
            return new Found(path, false, "it is a rotated file, and read with the one it was rotated from");
        }
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            return new Found(path, false, "it is no regular file");
        }
        if (already >= MAX_FILES) {
            return new Found(path, false, "logs.files names more than " + MAX_FILES + " files");
        }
        return new Found(path, true, "logs.files has '" + pattern + "'");
    }

    /** One step for each folder of the pattern; a step that is not trusted leads nowhere, and is shown once. */
    private List<Path> expand(String pattern) throws IOException {
        List<Path> reached = List.of(root);
        Path steps = Path.of(pattern);
        for (int i = 0; i < steps.getNameCount(); i++) {
            String name = steps.getName(i).toString();
            List<Path> next = new ArrayList<>();
            for (Path folder : reached) {
                if (next.size() < MAX_NAMES && folders.isTrusted(folder)) {
                    next.addAll(matching(folder, name, i + 1 < steps.getNameCount()));
                }
            }
            reached = next;
        }
        return reached;
    }

    private static List<Path> matching(Path folder, String name, boolean isFolder) throws IOException {
        if (name.indexOf('*') < 0) {
            Path one = folder.resolve(name);
            boolean isThere = isFolder ? Files.isDirectory(one) : Files.exists(one, LinkOption.NOFOLLOW_LINKS);
            return isThere ? List.of(one) : List.of();
        }
        TreeSet<Path> names = new TreeSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                boolean matches =
                        Glob.matchesWithinParts(name, entry.getFileName().toString());
                if (matches && names.size() < MAX_NAMES && (!isFolder || Files.isDirectory(entry))) {
                    names.add(entry);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException gone) {
            return List.of();
        }
        return List.copyOf(names);
    }
}
