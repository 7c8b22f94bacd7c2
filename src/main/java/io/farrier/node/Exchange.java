package io.farrier.node;

import java.nio.file.Path;

/**
 * Two names of one file system change places in one step: nobody finds only one of them, or none. Linux alone can do that
 * (renameat2(2) with {@code RENAME_EXCHANGE}), and the JDK does not offer it.
 */
final class Exchange {
    private Exchange() {}

    /** Whether there is such a call at all. Loads what it needs, which takes a while the first time. */
    static boolean isPossible() {
        try {
            return LibC.hasExchange();
        } catch (LinkageError noNativeCodeHere) {
            return false;
        }
    }

    /** False where the file system cannot (NFS, a lower layer of an overlay), or one of them is a mount. */
    static boolean of(Path one, Path other) {
        return isPossible() && LibC.exchange(one.toString(), other.toString());
    }
}
