package io.farrier.logs;

/**
 * How many bytes may be on disk only because farrier holds them: the configured number, a fiftieth of the file system,
 * and never so many that the kubelet sees pressure.
 */
public final class HoldBudget {
    private static final long SHARE_OF_DISK = 50;

    private HoldBudget() {}

    /**
     * @param configured {@code logs.hold_bytes}
     * @param held what is held now
     * @param total of the file system, 0 when it is not known
     * @param free of the file system
     * @param floor what has to stay free
     */
    static long allowed(long configured, long held, long total, long free, long floor) {
        if (total <= 0) {
            return configured;
        }
        long allowed = Math.min(configured, total / SHARE_OF_DISK);
        long missing = floor - free;
        return missing > 0 ? Math.min(allowed, Math.max(0, held - missing)) : allowed;
    }
}
