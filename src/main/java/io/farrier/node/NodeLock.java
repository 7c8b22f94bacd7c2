package io.farrier.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The one writer's lock, shared by the agent and every verb that changes the node. Who holds it is read from {@code
 * /proc/locks}, so it can never be out of date.
 */
public final class NodeLock {
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

    /** @throws NodeLockedException when another still holds it after the patience, with its pid and command */
    public LockFile take() throws IOException {
        Path parent = path.getParent();
        if (parent != null) {
            files.makeFolders(parent, 0700);
        }
        Path file = files.locate(path);
        Optional<LockFile> taken = LockFile.take(file, patience);
        if (taken.isEmpty()) {
            throw new NodeLockedException("Tried to lock " + path + " for " + patience.toSeconds() + " s but "
                    + holder(file) + " is changing this node. Wait until it has ended, then try again.");
        }
        return taken.get();
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
