package io.farrier.archive;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.util.Native;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** What zstd packed: {@code .tar.zst}, as k3s and RKE2 publish their images (RKE2 with {@code --long=25}). */
final class Unzstd {
    /** Where zstd-jni unpacks its library. Only the first value in a process counts. */
    private static final String FOLDER = "ZstdTempFolder";

    private Unzstd() {}

    /**
     * @param scratch a folder from which may be executed: zstd is a library of the machine's own code, and /tmp may be
     *     mounted noexec
     */
    static InputStream of(InputStream packed, Path scratch) throws IOException {
        if (System.getProperty(FOLDER) == null) {
            System.setProperty(FOLDER, scratch.toString());
        }
        try {
            Native.load();
        } catch (LinkageError notHere) {
            throw new Malformed("it is compressed with zstd, whose library does not load from "
                    + System.getProperty(FOLDER) + " (" + notHere.getMessage()
                    + "); name a folder from which may be executed with"
                    + " -DZstdTempFolder=DIR, or unpack it with 'zstd -d' first");
        }
        return new ZstdInputStream(packed);
    }
}
