package io.farrier.node;

import io.farrier.node.NodeFiles.Entry;
import io.farrier.node.NodeFiles.Kind;
import io.farrier.plan.FileState;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One folder of a node, as one look finds it: the links that lead to it are followed once, and not again for each name in
 * it. Not to be kept: who looks again opens it again.
 */
public final class NodeFolder {
    /** More entries than any folder that farrier looks into has; beyond it something is wrong there. */
    private static final int MAX_ENTRIES = 10_000;

    private final NodeFiles files;
    private final Path path;
    private final Path there;

    /** @param there {@code path} with all links resolved; there may be nothing */
    NodeFolder(NodeFiles files, Path path, Path there) {
        this.files = files;
        this.path = path;
        this.there = there;
    }

    /** As the node sees it. */
    public Path path() {
        return path;
    }

    public boolean exists() {
        return Files.exists(there, LinkOption.NOFOLLOW_LINKS);
    }

    /** The folder of this name in it, which may be absent. */
    public NodeFolder folder(String name) throws IOException {
        Path step = there.resolve(name);
        Path below = path.resolve(name);
        return new NodeFolder(files, below, Files.isSymbolicLink(step) ? files.locate(below) : step);
    }

    /** As {@link NodeFiles#read}. */
    public FileState read(String name, int maxBytes) throws IOException {
        return files.readThere(path.resolve(name), there.resolve(name), maxBytes);
    }

    /** What is in it, in name order; nothing when there is no such folder. */
    public List<Entry> list() throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> names = Files.newDirectoryStream(there)) {
            for (Path name : names) {
                if (entries.size() == MAX_ENTRIES) {
                    throw new IOException("Tried to list " + path + " but it has more than " + MAX_ENTRIES
                            + " entries. Remove what does not belong there.");
                }
                String last = String.valueOf(name.getFileName());
                entries.add(new Entry(last, kind(last)));
            }
        } catch (NoSuchFileException absent) {
            return List.of();
        } catch (NotDirectoryException notAFolder) {
            throw new IOException("Tried to list " + path + " but it is not a folder.", notAFolder);
        }
        entries.sort(Comparator.comparing(Entry::name));
        return entries;
    }

    private Kind kind(String name) throws IOException {
        try {
            BasicFileAttributes seen = attributes(there.resolve(name));
            return kind(seen.isSymbolicLink() ? attributes(files.locate(path.resolve(name))) : seen);
        } catch (NoSuchFileException nothing) {
            return Kind.DANGLING;
        }
    }

    private static BasicFileAttributes attributes(Path there) throws IOException {
        return Files.readAttributes(there, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    private static Kind kind(BasicFileAttributes seen) {
        if (seen.isRegularFile()) {
            return Kind.FILE;
        }
        return seen.isDirectory() ? Kind.FOLDER : Kind.OTHER;
    }
}
