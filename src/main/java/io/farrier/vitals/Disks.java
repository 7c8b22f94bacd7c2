package io.farrier.vitals;

import io.farrier.sample.NodeSample.Disk;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import oshi.SystemInfo;
import oshi.software.os.OSFileStore;

/**
 * The file systems below some paths. OSHI counts their inodes, which the JDK cannot; where its native part may not be
 * loaded (a noexec temporary folder) the JDK's sizes remain and inodes read as 0.
 */
public final class Disks implements Supplier<List<Disk>> {
    private final Supplier<List<Path>> paths;
    private boolean hasOshi = true;

    /** @param paths what matters on this node: {@code /}, the runtime's data root, the logs; asked again each time */
    public Disks(Supplier<List<Path>> paths) {
        this.paths = paths;
    }

    @Override
    public synchronized List<Disk> get() {
        List<Path> wanted = paths.get().stream().filter(Files::exists).toList();
        return hasOshi ? withInodes(wanted) : withoutInodes(wanted);
    }

    private List<Disk> withInodes(List<Path> wanted) {
        try {
            List<OSFileStore> stores =
                    Holder.SYSTEM.getOperatingSystem().getFileSystem().getFileStores();
            Map<String, Disk> disks = new TreeMap<>();
            for (Path path : wanted) {
                mountOf(real(path), stores).ifPresent(store -> disks.put(store.getMount(), disk(store)));
            }
            return List.copyOf(disks.values());
        } catch (LinkageError noNativeCode) {
            hasOshi = false;
            return withoutInodes(wanted);
        }
    }

    /** OSHI is loaded with this class, and this class when disks are first read. */
    private static final class Holder {
        static final SystemInfo SYSTEM = new SystemInfo();
    }

    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path.toAbsolutePath();
        }
    }

    /** The mount with the longest path the wanted one lies below. */
    private static Optional<OSFileStore> mountOf(Path path, List<OSFileStore> stores) {
        return stores.stream()
                .filter(store -> path.startsWith(store.getMount()))
                .max((a, b) ->
                        Integer.compare(a.getMount().length(), b.getMount().length()));
    }

    private static Disk disk(OSFileStore store) {
        return new Disk(
                store.getMount(),
                store.getTotalSpace(),
                store.getUsableSpace(),
                store.getTotalInodes(),
                store.getFreeInodes());
    }

    private static List<Disk> withoutInodes(List<Path> wanted) {
        List<Disk> disks = new ArrayList<>();
        for (Path path : wanted) {
            try {
                FileStore store = Files.getFileStore(path);
                disks.add(new Disk(path.toString(), store.getTotalSpace(), store.getUsableSpace(), 0, 0));
            } catch (IOException gone) {
                // It was there a moment ago; the next sample shows it again, or not.
            }
        }
        return List.copyOf(disks);
    }
}
