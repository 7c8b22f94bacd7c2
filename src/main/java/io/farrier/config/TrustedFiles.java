package io.farrier.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Files below a root, read only when nobody but their owners can have written them: the file and every folder on the way
 * to it belong to an allowed user and are not writable by group or others. A CA or an image list is as powerful as a
 * password. A sticky folder such as /tmp is refused too: whoever may create a name in it may have created this one.
 *
 * <p>Paths are absolute and as the node sees them. Symbolic links resolve inside the root, as systemd's tools do it:
 * below {@code --root DIR}, {@code /etc/docker -> /srv/docker} means {@code DIR/srv/docker}. What stands above the root
 * is the business of whoever named it.
 */
public final class TrustedFiles {
    /** As the kernel: more links than this are a loop. */
    private static final int MAX_LINKS = 40;

    private static final int ROOT = 0;
    private static final int MAX_NAMES = 10_000;
    private static final int GROUP_OR_OTHERS_WRITE = 0022;
    private static final int OTHERS_READ = 0004;
    private static final int OTHERS_ENTER = 0001;
    private static final int PERMISSIONS = 07777;

    private final Path root;
    private final Set<Integer> owners;

    private TrustedFiles(Path root, Set<Integer> owners) {
        this.root = root.toAbsolutePath().normalize();
        this.owners = Set.copyOf(owners);
    }

    /** @param user id of the user that may own files and folders beside root: the one farrier runs as */
    public static TrustedFiles below(Path root, int user) {
        return new TrustedFiles(root, user == ROOT ? Set.of(ROOT) : Set.of(ROOT, user));
    }

    /** For files that will not rule this machine: {@code farrier config check} in somebody's checkout. */
    public static TrustedFiles ofAnyone(Path root) {
        return new TrustedFiles(root, Set.of());
    }

    /** The user this process runs as. */
    public static int currentUser() throws IOException {
        return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    /**
     * Where a path really is, every step of it trusted.
     *
     * @throws NoSuchFileException when there is no such file
     * @throws UntrustedPathException when somebody else may have written it
     */
    public Path locate(Path path) throws IOException {
        Deque<Path> ahead = new ArrayDeque<>();
        push(ahead, path);
        Path at = root;
        int links = 0;
        check(at, path);
        while (!ahead.isEmpty()) {
            Path name = ahead.pop();
            if (name.toString().equals("..")) {
                at = above(at);
                continue;
            }
            Path next = at.resolve(name);
            if (!Files.isSymbolicLink(next)) {
                check(next, path);
                at = next;
                continue;
            }
            if (++links > MAX_LINKS) {
                throw new IOException(path + " leads through more than " + MAX_LINKS + " symbolic links");
            }
            Path target = Files.readSymbolicLink(next);
            push(ahead, target);
            at = target.isAbsolute() ? root : at;
        }
        return at;
    }

    /** The whole content of a regular file. */
    public byte[] read(Path path, int maxBytes) throws IOException {
        Path file = locate(path);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(path + " is not a file");
        }
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            byte[] bytes = in.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                throw new IOException(path + " is larger than " + maxBytes + " bytes");
            }
            return bytes;
        }
    }

    /** The names in a folder, sorted; none when there is no such folder. */
    public List<String> list(Path folder) throws IOException {
        Path real;
        try {
            real = locate(folder);
        } catch (NoSuchFileException absent) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(real)) {
            Set<String> names = entries.limit(MAX_NAMES + 1L)
                    .map(entry -> entry.getFileName().toString())
                    .collect(Collectors.toCollection(TreeSet::new));
            if (names.size() > MAX_NAMES) {
                throw new IOException(folder + " holds more than " + MAX_NAMES + " files");
            }
            return List.copyOf(names);
        } catch (UncheckedIOException broken) {
            throw broken.getCause();
        }
    }

    /** Whether every user may read it, the folders above it included: worth a warning where it holds a secret. */
    boolean isReadableByEveryone(Path path) throws IOException {
        Path file = locate(path);
        boolean isReadable = (mode(attributes(file, path)) & OTHERS_READ) != 0;
        Path at = file;
        while (isReadable && !at.equals(root)) {
            at = above(at);
            isReadable = (mode(attributes(at, path)) & OTHERS_ENTER) != 0;
        }
        return isReadable;
    }

    /** The path as a person on this machine opens it. */
    Path shown(Path path) {
        return root.resolve(Path.of("/").relativize(path.toAbsolutePath().normalize()));
    }

    /** The root is above itself, as {@code /..} is {@code /}. */
    private Path above(Path at) {
        Path parent = at.getParent();
        return parent == null || at.equals(root) ? root : parent;
    }

    private static void push(Deque<Path> ahead, Path path) {
        for (int i = path.getNameCount() - 1; i >= 0; i--) {
            String name = path.getName(i).toString();
            if (!name.isEmpty() && !name.equals(".")) {
                ahead.push(path.getName(i));
            }
        }
    }

    private void check(Path step, Path whole) throws IOException {
        Map<String, Object> attributes = attributes(step, whole);
        if (owners.isEmpty()) {
            return;
        }
        int owner = number(attributes, "uid");
        if (!owners.contains(owner)) {
            throw new UntrustedPathException(step + " belongs to user " + owner
                    + ", who could change this node through it. Run 'chown root " + step + "'.");
        }
        int mode = mode(attributes) & PERMISSIONS;
        if ((mode & GROUP_OR_OTHERS_WRITE) != 0) {
            throw new UntrustedPathException(step + " is writable by others than its owner (mode "
                    + Integer.toOctalString(mode) + "), who could change this node through it. Run 'chmod go-w " + step
                    + "'.");
        }
    }

    private Map<String, Object> attributes(Path step, Path whole) throws IOException {
        try {
            return Files.readAttributes(step, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException absent) {
            throw new NoSuchFileException(whole.toString());
        }
    }

    private static int mode(Map<String, Object> attributes) {
        return number(attributes, "mode");
    }

    private static int number(Map<String, Object> attributes, String name) {
        return (Integer) Objects.requireNonNull(attributes.get(name), name);
    }
}
