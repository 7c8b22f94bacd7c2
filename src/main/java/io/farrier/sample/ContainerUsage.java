package io.farrier.sample;

/**
 * What one container used, read from its cgroup.
 *
 * @param cpuNanos CPU time since it started, nanoseconds
 * @param memoryBytes working set: usage without inactive file cache
 * @param memoryLimitBytes 0 when there is none
 */
public record ContainerUsage(
        String containerId,
        long cpuNanos,
        long memoryBytes,
        long memoryLimitBytes,
        long blockReadBytes,
        long blockWriteBytes,
        long networkReceivedBytes,
        long networkSentBytes) {}
