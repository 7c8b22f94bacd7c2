package io.farrier.images;

import io.farrier.images.ImageDisk.Space;
import java.util.Optional;

/**
 * Peace with the kubelet's garbage collector. It removes images above its threshold; whoever brings them back then fills
 * the disk until pods are evicted. So nothing comes back from five per cent below that threshold on, and nothing is begun
 * that would not fit. The pause images alone are pulled as long as they fit: without one the node starts no pod.
 */
final class Truce {
    private static final int MARGIN_PERCENT = 5;

    /** Layers are stored compressed while they are unpacked, and unpack to two to three times their size. */
    private static final int UNPACKED_FACTOR = 4;

    private static final long MIB = 1L << 20;

    private final ImageDisk disk;
    private final int limitPercent;

    /** @param threshold per cent at which the kubelet begins to collect */
    Truce(ImageDisk disk, int threshold) {
        this.disk = disk;
        this.limitPercent = Math.max(1, threshold - MARGIN_PERCENT);
    }

    /**
     * Why this must wait; empty when it may be pulled.
     *
     * @param bytes as it travels, 0 when nobody knows
     */
    Optional<String> objection(long bytes, boolean isPause) {
        return disk.space().flatMap(space -> objection(space, bytes, isPause));
    }

    private Optional<String> objection(Space space, long bytes, boolean isPause) {
        long needed = bytes * UNPACKED_FACTOR;
        if (needed > space.usableBytes()) {
            return Optional.of(sentence(space, bytes) + ", and only " + mib(space.usableBytes()) + " are free.");
        }
        long after = (space.totalBytes() - space.usableBytes() + needed) * 100 / Math.max(1, space.totalBytes());
        if (isPause || after < limitPercent) {
            return Optional.empty();
        }
        return Optional.of(sentence(space, bytes) + ", and at " + limitPercent
                + " % farrier stops, before the kubelet's garbage collector would take it away again. It is "
                + space.usedPercent() + " % full now.");
    }

    private static String sentence(Space space, long bytes) {
        return "It waits for space on the image file system (" + space.path() + "): " + mib(bytes)
                + " to download need about " + mib(bytes * UNPACKED_FACTOR);
    }

    private static String mib(long bytes) {
        return (bytes + MIB - 1) / MIB + " MiB";
    }
}
