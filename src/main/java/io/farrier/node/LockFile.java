package io.farrier.node;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A lock among processes, until closed. The kernel releases it when its holder dies; taking it writes nothing. */
public final class LockFile implements AutoCloseable {
    private static final Duration RETRY = Duration.ofMillis(20);

    private final FileChannel channel;

    private LockFile(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * @param file made if need be, 0600
     * @return empty when another held it all the time
     */
    public static Optional<LockFile> take(Path file, Duration patience) throws IOException {
        FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        boolean isOurs = false;
        try {
            long deadline = System.nanoTime() + patience.toNanos();
            isOurs = tryLock(channel) != null;
            while (!isOurs && System.nanoTime() - deadline < 0) {
                pause();
                isOurs = tryLock(channel) != null;
            }
            return isOurs ? Optional.of(new LockFile(channel)) : Optional.empty();
        } finally {
            if (!isOurs) {
                channel.close();
            }
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
            throw new InterruptedIOException("Stopped while waiting for a lock.");
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
