package io.farrier.collector.identity;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Held for as long as it takes to read and write who may join. The running collector and the operator's commands are
 * processes of their own; the kernel gives the lock back when one dies.
 */
final class JoinsLock implements Closeable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration RETRY = Duration.ofMillis(5);

    private final FileChannel channel;

    private JoinsLock(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws IOException when another has it for longer than it can take */
    static JoinsLock take(Path stateDir) throws IOException {
        PrivateFile.createFolder(stateDir);
        Path file = stateDir.resolve("joins.lock");
        FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (tryLock(channel) == null) {
                if (System.nanoTime() - deadline >= 0) {
                    throw new IOException("Tried to lock " + file + " for " + PATIENCE.toSeconds()
                            + " s but another process has it. See which with 'lslocks', and try again.");
                }
                pause();
            }
            return new JoinsLock(channel);
        } catch (IOException | RuntimeException notOurs) {
            channel.close();
            throw notOurs;
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
            throw new InterruptedIOException("stopped while waiting for the lock of who may join");
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
