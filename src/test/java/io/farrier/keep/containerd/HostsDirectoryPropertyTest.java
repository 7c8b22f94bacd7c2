package io.farrier.keep.containerd;

import io.farrier.config.FarrierConfig;
import io.farrier.keep.containerd.HostsDirectory.Folder;
import io.farrier.plan.Allowance;
import io.farrier.plan.Claim;
import io.farrier.plan.FilePlan;
import io.farrier.plan.FileState;
import io.farrier.testing.MemoryNode;
import io.farrier.testing.RandomNode;
import io.farrier.testing.Trials;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Any prior folders and any chain of configurations, in memory. */
final class HostsDirectoryPropertyTest {
    private static final int TRIALS = 500;
    private static final Path ROOT = ContainerdConfig.USUAL_FOLDER;

    @Test
    void settlesAndGivesBackTheBytes() {
        Trials.run(TRIALS, random -> {
            RandomNode chance = new RandomNode(random);
            Map<Path, FileState> prior = chance.containerdCerts(ROOT);
            MemoryNode node = new MemoryNode(HostsDirectory.NAME, prior);
            for (int i = random.nextInt(3); i >= 0; i--) {
                FarrierConfig config = chance.configuration();
                node.apply(files -> plan(files, Optional.of(config)));
            }
            node.apply(files -> plan(files, Optional.empty()));
            node.assertGivenBack(prior);
        });
    }

    private static FilePlan plan(MemoryNode node, Optional<FarrierConfig> config) {
        Map<String, Folder> folders = new TreeMap<>();
        for (String upstream : upstreams(node, config)) {
            Path folder = ROOT.resolve(upstream.equals("*") ? "_default" : upstream);
            folders.put(upstream, new Folder(folder, node.folder(folder), node.missingFolders(folder)));
        }
        return HostsPlanner.plan(
                new HostsDirectory.Observed(folders, node.ours(), Optional.empty()), config, Allowance.EVERYTHING);
    }

    private static Set<String> upstreams(MemoryNode node, Optional<FarrierConfig> config) {
        Set<String> upstreams = new TreeSet<>();
        config.ifPresent(wanted -> {
            upstreams.addAll(wanted.mirrors().keySet());
            wanted.registries()
                    .forEach(registry -> upstreams.add(registry.host().value()));
        });
        node.ours().claims().stream()
                .filter(claim -> claim.kind() != Claim.Kind.FOLDER)
                .forEach(claim -> upstreams.add(HostsDirectory.upstreamOf(claim.path())));
        return upstreams;
    }
}
