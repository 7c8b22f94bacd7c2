package io.farrier.node;

import io.farrier.node.CrashPoint.Step;
import io.farrier.plan.FileState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The files of a node, all below one root. Paths are given as the node sees them ({@code /etc/docker}); a symbolic link
 * resolves inside the root, as systemd's tools do it with {@code --root}, so no link leads out of it.
 *
 * <p>A file is replaced, never edited: a kill at any instant leaves the old file or the new one, and at most a
 * {@value #TEMP_SUFFIX} file that no daemon reads and that the next replacement removes. Whoever writes holds the
 * {@link NodeLock}.
 */
public final class NodeFiles {
    /** Docker loads every {@code *.crt}, {@code *.cert} and {@code *.key}, hidden ones too: temporary names must end otherwise. */
    public static final String TEMP_SUFFIX = ".farrier-tmp";

    /** As the kernel's MAXSYMLINKS. */
    private static final int MAX_LINKS = 40;

    private static final int PERMISSION_BITS = 07777;

    private final Path root;
    private final CrashPoint crashPoint;
    private final KnownFiles known = new KnownFiles();

    private NodeFiles(Path root, CrashPoint crashPoint) {
        this.root = root;
        this.crashPoint = crashPoint;
    }

    /** @param root {@code /} for this node, or the folder given with {@code --root} */
    public static NodeFiles below(Path root) throws IOException {
        return below(root, CrashPoint.NONE);
    }

    public static NodeFiles below(Path root, CrashPoint crashPoint) throws IOException {
        return new NodeFiles(root.toRealPath(), crashPoint);
    }

    /** What a name in a folder stands for. */
    public enum Kind {
        FILE,
        FOLDER,
        /** A symbolic link to nothing. */
        DANGLING,
        /** A socket, a pipe, a device. */
        OTHER
    }

    /** One name in a folder; a link counts as what it leads to. */
    public record Entry(String name, Kind kind) {}

    /** False when there is another root, so that none of its daemons runs. */
    public boolean isThisNode() {
        return root.getParent() == null;
    }

    /** Where the node's {@code path} is on this machine, with all links resolved. */
    public Path locate(Path path) throws IOException {
        return resolve(path);
    }

    /** True when a symbolic link stands somewhere on the way. */
    boolean isLinked(Path path) throws IOException {
        return !resolve(path).equals(root.resolve(path.toString().substring(1)));
    }

    public boolean exists(Path path) throws IOException {
        return Files.exists(resolve(path), LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Bytes and mode, or {@link FileState#ABSENT}.
     *
     * @throws IOException when it is no regular file, or longer than {@code maxBytes}
     */
    public FileState read(Path path, int maxBytes) throws IOException {
        return readThere(path, resolve(path), maxBytes);
    }

    /** @param file {@code path} with all links to its folder resolved */
    FileState readThere(Path path, Path file, int maxBytes) throws IOException {
        try {
            Map<String, Object> seen = Files.readAttributes(file, KnownFiles.ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
            if (Boolean.TRUE.equals(seen.get("isSymbolicLink"))) {
                return read(path, maxBytes);
            }
            if (!Boolean.TRUE.equals(seen.get("isRegularFile"))) {
                throw new IOException("Tried to read " + path + " but it is not a regular file.");
            }
            Optional<FileState> asBefore = known.find(file, seen);
            if (asBefore.isPresent() && asBefore.get().content().length <= maxBytes) {
                return asBefore.get();
            }
            int mode = (Integer) Objects.requireNonNull(seen.get("mode"));
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                FileState state = FileState.of(readAll(channel, path, maxBytes), mode & PERMISSION_BITS);
                known.remember(file, seen, state);
                return state;
            }
        } catch (NoSuchFileException absent) {
            return FileState.ABSENT;
        }
    }

    /** Differs whenever the file or folder was replaced or written; cheap, nothing is read. */
    public String stamp(Path path) throws IOException {
        try {
            return Files.readAttributes(locate(path), "unix:ino,size,mode,uid,lastModifiedTime,ctime")
                    .toString();
        } catch (NoSuchFileException absent) {
            return "absent";
        }
    }

    /** What is in a folder, in name order; nothing when there is no such folder. */
    public List<Entry> list(Path folder) throws IOException {
        return folder(folder).list();
    }

    /** To look at many names in one folder. */
    public NodeFolder folder(Path path) throws IOException {
        return new NodeFolder(this, path, resolve(path));
    }

    /**
     * Writes files of one folder so that who lists it finds all of them as before, or all as they shall be. Where the file
     * system cannot do that, they are written one after another in the order given.
     *
     * @param after by their names in the folder
     */
    public void writeTogether(Path folder, Map<String, FileState> after) throws IOException {
        if (!after.values().stream().allMatch(FileState::isAbsent)) {
            makeFolders(folder, 0755);
        }
        if (canChangeTogether(folder, after)
                && new FolderTwin(folder, resolve(folder), after, crashPoint).takePlace()) {
            return;
        }
        for (Map.Entry<String, FileState> each : after.entrySet()) {
            write(folder.resolve(each.getKey()), each.getValue());
        }
    }

    /** A link leads elsewhere, and what is no regular file is refused where it is written. */
    private boolean canChangeTogether(Path folder, Map<String, FileState> after) throws IOException {
        Path there = resolve(folder);
        for (String name : after.keySet()) {
            Path file = there.resolve(name);
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                    && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
        }
        return Files.isDirectory(there, LinkOption.NOFOLLOW_LINKS);
    }

    /** Makes the file absent, or what {@code after} says; missing folders are made with mode 0755. */
    public void write(Path path, FileState after) throws IOException {
        if (after.isAbsent()) {
            delete(path);
            return;
        }
        replace(path, after);
    }

    /**
     * Replaces the file as a whole. An existing one keeps its owner, ACL and extended attributes; a link to it stays a
     * link.
     */
    public void replace(Path path, FileState after) throws IOException {
        makeFolders(parent(path), 0755);
        Path file = resolve(path);
        Path temp = file.resolveSibling("." + file.getFileName() + TEMP_SUFFIX);
        try {
            // Under the node lock a left-over can only be ours, from a killed run.
            Files.deleteIfExists(temp);
            Draft.createLike(file, temp);
            crashPoint.reached(Step.TEMP_CREATED, path);
            Draft.fill(temp, after);
            crashPoint.reached(Step.TEMP_WRITTEN, path);
            Files.move(temp, file, StandardCopyOption.ATOMIC_MOVE);
            crashPoint.reached(Step.RENAMED, path);
            Draft.sync(parent(file));
            crashPoint.reached(Step.REPLACED, path);
        } catch (IOException refused) {
            Files.deleteIfExists(temp);
            throw new IOException(
                    "Tried to replace " + path + " but " + why(refused) + ". The old file is untouched.", refused);
        }
    }

    /** Removes the file, if it is there. */
    public void delete(Path path) throws IOException {
        Path file = resolve(path);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("Tried to remove " + path + " but it is not a regular file. It was left alone.");
        }
        try {
            Files.delete(file);
        } catch (IOException refused) {
            throw new IOException("Tried to remove " + path + " but " + why(refused) + ".", refused);
        }
        Draft.sync(parent(file));
        crashPoint.reached(Step.DELETED, path);
    }

    /** Appends to a file that only farrier writes; a kill may leave the last line cut. */
    public void append(Path path, byte[] bytes, int mode) throws IOException {
        makeFolders(parent(path), 0700);
        Path file = resolve(path);
        boolean isNew = !Files.exists(file, LinkOption.NOFOLLOW_LINKS);
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(Set.of()))) {
            if (isNew) {
                Draft.setMode(file, mode);
            }
            Draft.writeAll(channel, bytes);
            channel.force(true);
        }
        Draft.sync(parent(file));
        crashPoint.reached(Step.APPENDED, path);
    }

    /** The folders that {@link #makeFolders} would have to make, outermost first. */
    public List<Path> missingFolders(Path folder) throws IOException {
        List<Path> missing = new ArrayList<>();
        for (Path each = folder; each.getParent() != null && !exists(each); each = each.getParent()) {
            missing.add(each);
        }
        Collections.reverse(missing);
        return missing;
    }

    /** Makes the folder with this mode, and what is missing above it with 0755. */
    public void makeFolders(Path folder, int mode) throws IOException {
        for (Path missing : missingFolders(folder)) {
            makeFolder(missing, missing.equals(folder) ? mode : 0755);
        }
    }

    private void makeFolder(Path folder, int mode) throws IOException {
        Path made = resolve(folder);
        try {
            Files.createDirectory(made);
        } catch (FileAlreadyExistsException anotherProcessWasFaster) {
            // Two that want the node lock make its folder before they hold it.
            return;
        }
        Draft.setMode(made, mode);
        Draft.sync(parent(made));
        crashPoint.reached(Step.FOLDER_MADE, folder);
    }

    /** Removes a folder with nothing in it, but for what killed replacements left behind; leaves any other alone. */
    public void deleteFolderIfEmpty(Path folder) throws IOException {
        Path there = resolve(folder);
        if (!Files.isDirectory(there, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        removeLeftovers(folder);
        if (list(folder).isEmpty()) {
            Files.delete(there);
            Draft.sync(parent(there));
            crashPoint.reached(Step.DELETED, folder);
        }
    }

    /** Removes what killed replacements left in {@code folder}, and of itself. */
    public void removeLeftovers(Path folder) throws IOException {
        FolderTwin.removeOf(resolve(folder));
        for (Entry entry : list(folder)) {
            if (entry.name().startsWith(".") && entry.name().endsWith(TEMP_SUFFIX)) {
                removeLeftover(resolve(folder).resolve(entry.name()));
            }
        }
    }

    private static void removeLeftover(Path leftover) throws IOException {
        if (Files.isDirectory(leftover, LinkOption.NOFOLLOW_LINKS)) {
            FolderTwin.removeTwin(leftover);
        } else {
            Files.deleteIfExists(leftover);
        }
    }

    private Path resolve(Path path) throws IOException {
        Deque<Path> ahead = new ArrayDeque<>();
        pushAll(ahead, path);
        Path done = root;
        int links = 0;
        while (!ahead.isEmpty()) {
            Path next = ahead.pop();
            if (next.toString().equals("..")) {
                done = done.equals(root) ? root : parent(done);
                continue;
            }
            Path step = next.toString().equals(".") ? done : done.resolve(next.toString());
            if (!Files.isSymbolicLink(step)) {
                done = step;
                continue;
            }
            if (++links > MAX_LINKS) {
                throw new FileSystemLoopException(
                        "Tried to follow " + path + " but it has more than " + MAX_LINKS + " symbolic links.");
            }
            Path target = Files.readSymbolicLink(step);
            done = target.isAbsolute() ? root : done;
            pushAll(ahead, target);
        }
        return done;
    }

    private static void pushAll(Deque<Path> ahead, Path path) {
        for (int i = path.getNameCount() - 1; i >= 0; i--) {
            ahead.push(path.getName(i));
        }
    }

    private static byte[] readAll(FileChannel channel, Path path, int maxBytes) throws IOException {
        long size = channel.size();
        if (size > maxBytes) {
            throw new IOException(
                    "Tried to read " + path + " but it has " + size + " bytes; at most " + maxBytes + " are expected.");
        }
        ByteBuffer buffer = ByteBuffer.allocate((int) size);
        while (buffer.hasRemaining() && channel.read(buffer) >= 0) {}
        return java.util.Arrays.copyOf(buffer.array(), buffer.position());
    }

    private static Path parent(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IllegalArgumentException("the root is no file");
        }
        return parent;
    }

    private static String why(IOException refused) {
        if (refused instanceof java.nio.file.FileSystemException seen && seen.getReason() != null) {
            return "the system says: " + seen.getReason();
        }
        return refused.getClass().getSimpleName() + ": " + refused.getMessage();
    }
}
