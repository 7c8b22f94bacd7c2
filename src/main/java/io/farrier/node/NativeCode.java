package io.farrier.node;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Libraries bring native code along in the jar, and unpack it to a temporary folder. The package has it unpacked beside the
 * jar; the bare jar needs a folder from which may be executed, and CIS mounts {@code /tmp} noexec (SAFETY 11).
 */
public final class NativeCode {
    /** Of the flags that come with the package. */
    private static final String UNPACKED = "jffi.boot.library.path";

    private NativeCode() {}

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
            return refusal(folder.toRealPath(), option, Mount.all());
        } catch (IOException notKnown) {
            return Optional.empty();
        }
    }

    /** @param mounts as {@link Mount#all} reads them */
    static Optional<String> refusal(Path folder, String option, List<String> mounts) {
        return Mount.of(folder, mounts)
                .filter(Mount::isNoexec)
                .map(mount ->
                        "The libraries' native code cannot be loaded from " + folder + ", because " + mount.point()
                                + " is mounted noexec: start java with " + option
                                + "=DIR, a folder of root's from which may be executed.");
    }
}
