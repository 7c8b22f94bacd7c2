package io.farrier.vitals;

import io.farrier.sample.ContainerUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What containers use, from their cgroups: 0.1 ms each, where the runtime's own statistics take a second.
 */
public final class ContainerVitals {
    private final CgroupTree tree;
    private final NetworkCounters network;

    /**
     * @param cgroups {@code /sys/fs/cgroup} except in tests
     * @param proc {@code /proc} except in tests
     */
    public ContainerVitals(Path cgroups, Path proc) {
        this.tree = Files.exists(cgroups.resolve("cgroup.controllers"))
                ? new CgroupTree.V2(cgroups)
                : new CgroupTree.V1(cgroups);
        this.network = new NetworkCounters(proc);
    }

    /** Of those that have a cgroup, which is those that run; in the order of {@code ids}. */
    public List<ContainerUsage> usage(Collection<String> ids) {
        Map<String, Path> groups = tree.find(ids);
        return ids.stream().flatMap(id -> read(id, groups).stream()).toList();
    }

    private Optional<ContainerUsage> read(String id, Map<String, Path> groups) {
        Path group = groups.get(id);
        if (group == null) {
            return Optional.empty();
        }
        try {
            NetworkCounters.Bytes bytes = network.of(tree.processes(group));
            CgroupTree.Blocks blocks = tree.blocks(group);
            return Optional.of(new ContainerUsage(
                    id,
                    tree.cpuNanos(group),
                    tree.memoryBytes(group),
                    tree.memoryLimitBytes(group),
                    blocks.read(),
                    blocks.written(),
                    bytes.received(),
                    bytes.sent()));
        } catch (IOException | NumberFormatException ended) {
            // The container ended while we read: it uses nothing.
            return Optional.empty();
        }
    }
}
