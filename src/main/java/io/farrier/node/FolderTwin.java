package io.farrier.node;

import io.farrier.node.CrashPoint.Step;
import io.farrier.plan.FileState;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A folder as it shall be, made beside the one that is there, so that several of its files change in one step. What stays
 * is in both by hard link: the same inode, whoever has it open. The folder's own inode is another one afterwards, so a
 * container that has mounted just this folder still sees the old one; who has mounted its parent does not.
 *
 * <p>What is left is the reader's own: dockerd opens one file after the other by name, some 10 µs apart at each pull
 * (measured with Go's own loop), and no way of writing can bridge that.
 */
final class FolderTwin {
    /** Folders of a dozen files are what this is for. */
    private static final int MAX_ENTRIES = 1000;

    private final Path path;
    private final Path folder;
    private final Path twin;
    private final Map<String, FileState> after;
    private final CrashPoint crashPoint;

    /**
     * @param path of the folder as the node sees it
     * @param folder the same with all links resolved
     * @param after what changes in it
     */
    FolderTwin(Path path, Path folder, Map<String, FileState> after, CrashPoint crashPoint) {
        this.path = path;
        this.folder = folder;
        this.twin = beside(folder);
        this.after = Map.copyOf(after);
        this.crashPoint = crashPoint;
    }

    private static Path beside(Path folder) {
        return folder.resolveSibling("." + folder.getFileName() + NodeFiles.TEMP_SUFFIX);
    }

    /** False where that cannot be done here, and the folder is as it was. */
    boolean takePlace() throws IOException {
        if (!Exchange.isPossible()) {
            return false;
        }
        removeTwin(twin);
        Map<String, Object> stays;
        try {
            stays = make();
            if (!stays.equals(inodes(folder)) || !Exchange.of(twin, folder)) {
                removeTwin(twin);
                return false;
            }
        } catch (IOException cannotBeMade) {
            // A folder in it, a full disk: whoever writes the files one by one succeeds, or is told the same.
            removeTwin(twin);
            return false;
        }
        crashPoint.reached(Step.RENAMED, path);
        Draft.sync(parent());
        keepWhatCameMeanwhile(stays);
        removeTwin(twin);
        Draft.sync(parent());
        crashPoint.reached(Step.REPLACED, path);
        return true;
    }

    /** @return what stays, as it was linked */
    private Map<String, Object> make() throws IOException {
        // Of a folder only the attributes are copied: owner, mode, access lists, labels.
        Files.copy(folder, twin, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
        crashPoint.reached(Step.TEMP_CREATED, path);
        Map<String, Object> stays = inodes(folder);
        for (String name : stays.keySet()) {
            Files.createLink(twin.resolve(name), folder.resolve(name));
        }
        for (Map.Entry<String, FileState> each : after.entrySet()) {
            if (!each.getValue().isAbsent()) {
                Path draft = twin.resolve(each.getKey());
                Draft.createLike(folder.resolve(each.getKey()), draft);
                Draft.fill(draft, each.getValue());
                crashPoint.reached(Step.TEMP_WRITTEN, path);
            }
        }
        Draft.sync(twin);
        return stays;
    }

    /** Of all that does not change; a folder has no hard links, and is in the way. */
    private Map<String, Object> inodes(Path where) throws IOException {
        Map<String, Object> inodes = new HashMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(where)) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                BasicFileAttributes seen =
                        Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                if (inodes.size() == MAX_ENTRIES) {
                    throw new IOException("more than " + MAX_ENTRIES + " files");
                }
                if (!after.containsKey(name)) {
                    inodes.put(name, Objects.requireNonNull(seen.fileKey()));
                }
            }
        }
        return inodes;
    }

    /** Between the last look and the exchange somebody may have put a file into what is now the old folder. */
    private void keepWhatCameMeanwhile(Map<String, Object> linked) throws IOException {
        for (Map.Entry<String, Object> each : inodes(twin).entrySet()) {
            if (!each.getValue().equals(linked.get(each.getKey()))) {
                Files.move(twin.resolve(each.getKey()), folder.resolve(each.getKey()), StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    /** Whatever a kill left of it. */
    static void removeOf(Path folder) throws IOException {
        removeTwin(beside(folder));
    }

    /** There are only files in it: the old ones, or links. */
    static void removeTwin(Path twin) throws IOException {
        if (!Files.isDirectory(twin, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(twin)) {
            for (Path entry : entries) {
                Files.delete(entry);
            }
        }
        Files.delete(twin);
    }

    private Path parent() {
        return Objects.requireNonNull(folder.getParent(), "the root has no twin");
    }
}
