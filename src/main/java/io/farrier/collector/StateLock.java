package io.farrier.collector;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One collector per {@code state_dir}; the kernel gives the lock back when the process ends, however it ends. */
final class StateLock implements AutoCloseable {
    private final FileChannel channel;

    private StateLock(FileChannel channel) {
        this.channel = channel;
    }

    static StateLock take(Path folder) throws IOException {
        FileChannel channel =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return new StateLock(channel);
            }
        } catch (OverlappingFileLockException inThisProcess) {
            // The same answer as for another process.
        }
        channel.close();
        throw new IOException("Tried to open " + folder + " but another collector uses it. Stop that one, or give this"
                + " one its own state_dir.");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
