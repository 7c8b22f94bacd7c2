package io.farrier.vitals;

import io.farrier.node.Mount;
import io.farrier.sample.NodeSample.Disk;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import oshi.software.os.linux.LinuxFileSystemJNA;

/**
 * The file systems below some paths, and no others: one that hangs, as a volume of a dead NFS server does, would hang
 * whoever asks for it. OSHI counts their inodes, which the JDK cannot; where its native part may not be loaded (a noexec
 * temporary folder) the JDK's sizes remain and inodes read as 0.
 */
public final class Disks implements Supplier<List<Disk>> {
    private final Supplier<List<Path>> paths;

    /** @param paths what matters on this node: {@code /}, the runtime's data root, the logs; asked again each time */
    public Disks(Supplier<List<Path>> paths) {
        this.paths = paths;
    }

    @Override
    public List<Disk> get() {
        return mounts().stream()
                .flatMap(mount -> read(mount).stream())
                .sorted(Comparator.comparing(Disk::mount))
                .toList();
    }

    private List<Path> mounts() {
        try {
            List<String> all = Mount.all();
            return paths.get().stream()
                    .flatMap(path -> real(path).stream())
                    .flatMap(path -> Mount.of(path, all).stream())
                    .map(Mount::point)
                    .distinct()
                    .toList();
        } catch (IOException noProc) {
            return paths.get();
        }
    }

    private static Optional<Path> real(Path path) {
        try {
            return Optional.of(path.toRealPath());
        } catch (IOException absent) {
            return Optional.empty();
        }
    }

    private static Optional<Disk> read(Path mount) {
        try {
            return Optional.ofNullable(Statvfs.SYSTEM.read(mount)).or(() -> withoutInodes(mount));
        } catch (LinkageError noNativeCode) {
            return withoutInodes(mount);
        }
    }

    /**
     * Of OSHI only this question: its list of file systems asks all of them, tries whether NFS servers answer, and starts
     * lsblk each time. Loaded when disks are first read.
     */
    private static final class Statvfs extends LinuxFileSystemJNA {
        static final Statvfs SYSTEM = new Statvfs();

        /** Null where the kernel did not say. */
        @Nullable
        Disk read(Path mount) {
            long[] answer = queryStatvfs(mount.toString());
            return answer == null ? null : new Disk(mount.toString(), answer[2], answer[3], answer[0], answer[1]);
        }
    }

    private static Optional<Disk> withoutInodes(Path mount) {
        try {
            FileStore store = Files.getFileStore(mount);
            return Optional.of(new Disk(mount.toString(), store.getTotalSpace(), store.getUsableSpace(), 0, 0));
        } catch (IOException gone) {
            // It was there a moment ago; the next sample shows it again, or not.
            return Optional.empty();
        }
    }
}
