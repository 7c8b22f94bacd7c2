package io.farrier.sample;

import java.util.List;

/**
 * The node's own vitals.
 *
 * @param cpuPercent of all cores together, 0 to 100, since the previous sample
 */
public record NodeSample(
        int cores,
        double cpuPercent,
        double load1,
        double load5,
        double load15,
        long memoryTotalBytes,
        long memoryAvailableBytes,
        long swapTotalBytes,
        long swapUsedBytes,
        long uptimeSeconds,
        List<Disk> disks) {
    /** One file system that holds something farrier or the runtime needs. */
    public record Disk(String mount, long totalBytes, long freeBytes, long inodesTotal, long inodesFree) {}

    public NodeSample {
        disks = List.copyOf(disks);
    }
}
