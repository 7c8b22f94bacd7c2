package io.farrier.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Libraries bring native code along in the jar, and unpack it to a temporary folder. The package has it unpacked beside the
 * jar; the bare jar needs a folder from which may be executed, and CIS mounts {@code /tmp} noexec (SAFETY 11).
 */
public final class NativeCode {
    /** Of the flags that come with the package. */
    private static final String UNPACKED = "jffi.boot.library.path";

    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

    /** proc(5): mount point and mount options. */
    private static final int POINT = 4;

    private static final int OPTIONS = 5;

    private static final Comparator<Mount> LONGER =
            Comparator.comparingInt(mount -> mount.point().getNameCount());

    private NativeCode() {}

    private record Mount(Path point, boolean isNoexec) {
        static Mount of(String line) {
            String[] words = line.split(" ");
            return new Mount(
                    Path.of(words[POINT].replace("\\040", " ")),
                    Arrays.asList(words[OPTIONS].split(",")).contains("noexec"));
        }
    }

    /** Why nothing can be loaded from {@code java.io.tmpdir}, and which option is missing; empty where it can. */
    public static Optional<String> refusal() {
        return refusal(Path.of(System.getProperty("java.io.tmpdir", "/tmp")), "-Djava.io.tmpdir");
    }

    /** @param option that names another folder, as the command line has it */
    public static Optional<String> refusal(Path folder, String option) {
        if (System.getProperty(UNPACKED) != null) {
            return Optional.empty();
        }
        try {
            return refusal(folder.toRealPath(), option, Files.readAllLines(MOUNTS));
        } catch (IOException notKnown) {
            return Optional.empty();
        }
    }

    /** @param mounts lines of mountinfo; of two mounts on one point the later one is seen */
    static Optional<String> refusal(Path folder, String option, List<String> mounts) {
        return mounts.stream()
                .map(Mount::of)
                .filter(mount -> folder.startsWith(mount.point()))
                .reduce((best, next) -> LONGER.compare(next, best) >= 0 ? next : best)
                .filter(Mount::isNoexec)
                .map(mount ->
                        "The libraries' native code cannot be loaded from " + folder + ", because " + mount.point()
                                + " is mounted noexec: start java with " + option
                                + "=DIR, a folder of root's from which may be executed.");
    }
}
