package io.farrier.keep.docker;

import io.farrier.config.FarrierConfig.Registry;
import io.farrier.image.RegistryHost;
import io.farrier.keep.docker.CertsDirectory.Folder;
import io.farrier.keep.docker.CertsDirectory.Found;
import io.farrier.node.NodeFiles;
import io.farrier.plan.Allowance;
import io.farrier.plan.FilePlan;
import io.farrier.plan.FileState;
import io.farrier.testing.MemoryNode;
import io.farrier.testing.RandomNode;
import io.farrier.testing.Trials;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Any prior folders and any chain of configurations, in memory. */
final class CertsDirectoryPropertyTest {
    private static final int TRIALS = 500;

    @Test
    void settlesAndGivesBackTheBytes() {
        Trials.run(TRIALS, random -> {
            RandomNode chance = new RandomNode(random);
            Map<Path, FileState> prior = chance.dockerCerts(CertsDirectory.ROOT);
            MemoryNode node = new MemoryNode(CertsDirectory.NAME, prior);
            for (int i = random.nextInt(3); i >= 0; i--) {
                List<Registry> registries = chance.configuration().registries();
                node.apply(files -> plan(files, registries));
            }
            node.apply(files -> plan(files, List.of()));
            node.assertGivenBack(prior);
        });
    }

    private static FilePlan plan(MemoryNode node, List<Registry> registries) {
        Map<RegistryHost, Registry> wanted = new TreeMap<>();
        registries.forEach(registry -> wanted.put(registry.host(), registry));
        TreeMap<RegistryHost, Folder> folders = new TreeMap<>();
        wanted.keySet().forEach(host -> folders.put(host, look(node, host)));
        node.ours()
                .claims()
                .forEach(claim -> CertsDirectory.hostOf(claim).ifPresent(host -> folders.put(host, look(node, host))));
        return new CertsPlanner(new CertsDirectory.Observed(folders, node.ours()), wanted, Allowance.EVERYTHING).plan();
    }

    private static Folder look(MemoryNode node, RegistryHost host) {
        Path folder = CertsDirectory.folderOf(host);
        List<Found> found = new ArrayList<>();
        new TreeMap<>(node.folder(folder))
                .forEach((name, state) -> found.add(new Found(name, NodeFiles.Kind.FILE, state)));
        return new Folder(found, node.missingFolders(folder));
    }
}
