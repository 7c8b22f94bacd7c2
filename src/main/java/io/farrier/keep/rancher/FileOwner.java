package io.farrier.keep.rancher;

import io.farrier.node.NodeFiles;
import io.farrier.node.OtherWriters;
import io.farrier.plan.FileState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Somebody else who writes registries.yaml, and would undo what farrier does there (SAFETY 6).
 *
 * @param sign by what it is known, a clause
 * @param place where the same is to be written instead
 */
record FileOwner(String sign, String place) {
    private static final String RANCHER =
            "in Rancher, into Cluster Management -> the cluster -> Edit Config -> Registries";

    static Optional<FileOwner> find(RancherNode.Distribution distribution, NodeFiles files, FileState file)
            throws IOException {
        List<Path> marks =
                List.of(distribution.folder().resolve("config.yaml.d/50-rancher.yaml"), Path.of("/etc/rancher/agent"));
        for (Path mark : marks) {
            if (files.exists(mark)) {
                return Optional.of(new FileOwner("Rancher provisions this node (there is " + mark + ")", RANCHER));
            }
        }
        return OtherWriters.signature(file)
                .map(line -> new FileOwner(
                        "its first lines say '" + line + "'",
                        "where that is written (with Ansible, the variable of its registries.yaml)"));
    }
}
