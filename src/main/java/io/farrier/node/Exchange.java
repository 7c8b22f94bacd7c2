package io.farrier.node;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import jnr.ffi.LibraryLoader;

/**
 * Two names of one file system change places in one step: nobody finds only one of them, or none. Linux alone can do that
 * (renameat2(2) with {@code RENAME_EXCHANGE}), and the JDK does not offer it.
 */
final class Exchange {
    /** From fcntl.h: the paths are absolute, so that this says nothing. */
    private static final int AT_FDCWD = -100;

    /** From linux/fs.h. */
    private static final int RENAME_EXCHANGE = 2;

    private Exchange() {}

    /** What glibc has since 2.28. jnr wants it public. */
    public interface LibC {
        int renameat2(int atOne, byte[] one, int atOther, byte[] other, int flags);
    }

    /** Loaded when first needed: most commands never are. */
    private static final class Native {
        static final LibC LIB_C =
                LibraryLoader.create(LibC.class).failImmediately().load("c");
    }

    /** Whether there is such a call at all. Loads what it needs, which takes a while the first time. */
    static boolean isPossible() {
        try {
            return Native.LIB_C != null;
        } catch (LinkageError noNativeCodeHere) {
            return false;
        }
    }

    /** False where the file system cannot (NFS, a lower layer of an overlay), or one of them is a mount. */
    static boolean of(Path one, Path other) {
        return isPossible()
                && Native.LIB_C.renameat2(AT_FDCWD, bytes(one), AT_FDCWD, bytes(other), RENAME_EXCHANGE) == 0;
    }

    /** As C has it. */
    private static byte[] bytes(Path path) {
        return (path + "\0").getBytes(StandardCharsets.UTF_8);
    }
}
