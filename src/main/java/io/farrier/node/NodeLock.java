package io.farrier.node;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The one writer's lock, shared by the agent and every verb that changes the node. The kernel releases it when its holder
 * dies. Taking it writes nothing: who holds it is read from {@code /proc/locks}, so it can never be out of date.
 */
public final class NodeLock {
    private static final Duration RETRY = Duration.ofMillis(50);
    private static final int MAX_COMMAND_LINE = 200;

    private final NodeFiles files;
    private final Path path;
    private final Duration patience;
    private final Path proc;

    /**
     * @param path of the lock file, in the node's state_dir
     * @param patience how long to wait for another holder
     */
    public NodeLock(NodeFiles files, Path path, Duration patience) {
        this(files, path, patience, Path.of("/proc"));
    }

    NodeLock(NodeFiles files, Path path, Duration patience, Path proc) {
        this.files = files;
        this.path = path;
        this.patience = patience;
        this.proc = proc;
    }

    /** The lock, until closed. */
    public static final class Held implements AutoCloseable {
        private final FileChannel channel;

        private Held(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** @throws NodeLockedException when another still holds it after the patience, with its pid and command */
    public Held take() throws IOException {
        Path parent = path.getParent();
        if (parent != null) {
            files.makeFolders(parent, 0700);
        }
        Path file = files.locate(path);
        FileChannel channel = open(file);
        try {
            await(channel, file);
            return new Held(channel);
        } catch (IOException | RuntimeException notOurs) {
            channel.close();
            throw notOurs;
        }
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    private void await(FileChannel channel, Path file) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (tryLock(channel) == null) {
            if (System.nanoTime() - deadline >= 0) {
                throw new NodeLockedException("Tried to lock " + path + " for " + patience.toSeconds() + " s but "
                        + holder(file) + " is changing this node. Wait until it has ended, then try again.");
            }
            pause();
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException anotherThreadOfOurs) {
            return null;
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(RETRY.toMillis());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("Stopped while waiting for the node lock.", stopped);
        }
    }

    private String holder(Path file) throws IOException {
        Optional<String> pid = holderPid(file);
        return pid.map(p -> "pid " + p + commandLine(p)).orElse("another process");
    }

    /** Of {@code /proc/locks}: {@code 1: POSIX  ADVISORY  WRITE 4711 fe:01:131078 0 EOF}. */
    private Optional<String> holderPid(Path file) throws IOException {
        String inode = ":" + Files.getAttribute(file, "unix:ino");
        for (String line : Files.readAllLines(proc.resolve("locks"))) {
            String[] columns = line.trim().split("\\s+", -1);
            if (columns.length > 5 && columns[1].equals("POSIX") && columns[5].endsWith(inode)) {
                return Optional.of(columns[4]);
            }
        }
        return Optional.empty();
    }

    private String commandLine(String pid) {
        try {
            String line = Files.readString(proc.resolve(pid).resolve("cmdline"))
                    .replace('\0', ' ')
                    .replaceAll("[^ -~]", "?")
                    .trim();
            String end = line.substring(Math.max(0, line.length() - MAX_COMMAND_LINE));
            return " (" + end + ")";
        } catch (IOException endedMeanwhile) {
            return "";
        }
    }
}
