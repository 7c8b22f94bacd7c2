package io.farrier.logs;

/**
 * How many bytes may be on disk only because farrier holds them: the configured number, a fiftieth of the file system,
 * and never so many that the kubelet sees pressure (it evicts below 10 % free of nodefs and 15 % of imagefs).
 */
public final class HoldBudget {
    private static final long SHARE_OF_DISK = 50;
    private static final double FREE_FLOOR = 0.15;

    private HoldBudget() {}

    /**
     * @param configured {@code logs.hold_bytes}
     * @param held what is held now
     * @param total of the file system, 0 when it is not known
     * @param free of the file system
     */
    static long allowed(long configured, long held, long total, long free) {
        if (total <= 0) {
            return configured;
        }
        long allowed = Math.min(configured, total / SHARE_OF_DISK);
        long missing = (long) (total * FREE_FLOOR) - free;
        return missing > 0 ? Math.min(allowed, Math.max(0, held - missing)) : allowed;
    }
}
