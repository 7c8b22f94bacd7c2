package io.farrier.logs;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tells that something happened in a folder, once: a file was made, renamed, removed or written to. The watch ends with
 * that, so that a file which is written to all the time costs nothing here; whoever wants to hear again watches again, and
 * looks after that. By inotify, which the JDK's watch service is on Linux.
 */
public final class FolderWatch implements AutoCloseable {
    /** A kubelet's default is 110 pods; the kernel's limit of watches (8,192 at least) is shared with everybody. */
    private static final int MAX_FOLDERS = 1024;

    private final WatchService service;
    private final Runnable wake;
    private final Map<Path, WatchKey> watched = new HashMap<>();
    private final Set<Path> stirred = new HashSet<>();

    private FolderWatch(WatchService service, Runnable wake) {
        this.service = service;
        this.wake = wake;
    }

    /**
     * @param wake called from a thread of this object's own when {@link #takeStirred} has something to tell
     * @return empty where this machine gives no more watches
     */
    public static Optional<FolderWatch> open(Runnable wake) {
        try {
            FolderWatch watch = new FolderWatch(FileSystems.getDefault().newWatchService(), wake);
            Thread listening = new Thread(watch::listen, "farrier-watch");
            listening.setDaemon(true);
            listening.start();
            return Optional.of(watch);
        } catch (IOException | UnsupportedOperationException none) {
            return Optional.empty();
        }
    }

    /** @return false when it cannot be watched, or not now: the caller has to look by itself */
    public synchronized boolean watch(Path folder) {
        if (watched.containsKey(folder)) {
            return true;
        }
        if (watched.size() >= MAX_FOLDERS) {
            return false;
        }
        try {
            watched.put(
                    folder,
                    folder.register(
                            service,
                            StandardWatchEventKinds.ENTRY_CREATE,
                            StandardWatchEventKinds.ENTRY_DELETE,
                            StandardWatchEventKinds.ENTRY_MODIFY));
            return true;
        } catch (IOException | ClosedWatchServiceException notNow) {
            return false;
        }
    }

    /** The folders in which something happened since the last call; they are not watched any more. */
    public synchronized Set<Path> takeStirred() {
        if (stirred.isEmpty()) {
            return Set.of();
        }
        Set<Path> taken = Set.copyOf(stirred);
        stirred.clear();
        return taken;
    }

    /** Forgets all folders but these. */
    public synchronized void retain(Set<Path> folders) {
        Iterator<Map.Entry<Path, WatchKey>> each = watched.entrySet().iterator();
        while (each.hasNext()) {
            Map.Entry<Path, WatchKey> entry = each.next();
            if (!folders.contains(entry.getKey())) {
                entry.getValue().cancel();
                each.remove();
            }
        }
    }

    @Override
    public void close() throws IOException {
        service.close();
    }

    private void listen() {
        try {
            while (true) {
                stirred(service.take());
                wake.run();
            }
        } catch (ClosedWatchServiceException closed) {
            // The end of this thread.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What happened is not asked: an overflow or a removed folder is a reason to look as well. */
    private synchronized void stirred(WatchKey key) {
        key.cancel();
        Path folder = (Path) key.watchable();
        if (watched.remove(folder, key)) {
            stirred.add(folder);
        }
    }
}
