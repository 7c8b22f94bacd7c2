package io.farrier.keep.rancher;

import io.farrier.node.NodeFiles;
import io.farrier.plan.FileState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Somebody else who writes registries.yaml, and would undo what farrier does there (SAFETY 6).
 *
 * @param sign by what it is known, a clause
 * @param place where the same is to be written instead
 */
record FileOwner(String sign, String place) {
    /** The list of a provisioner's own words at the top of a file; further down they may be a quotation. */
    private static final List<String> HEADERS = List.of("ansible managed", "do not edit", "managed by");

    private static final int HEADER_LINES = 10;

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
        return header(file)
                .map(line -> new FileOwner(
                        "its first lines say '" + line + "'",
                        "where that is written (with Ansible, the variable of its registries.yaml)"));
    }

    private static Optional<String> header(FileState file) {
        return lines(file)
                .map(String::strip)
                .takeWhile(line -> line.isEmpty() || line.startsWith("#") || line.startsWith("\uFEFF#"))
                .limit(HEADER_LINES)
                .filter(line -> HEADERS.stream().anyMatch(line.toLowerCase(Locale.ROOT)::contains))
                .map(line -> line.replaceAll("^[\uFEFF#\\s]+", "").replaceAll("\\p{Cntrl}", " "))
                .findFirst();
    }

    private static Stream<String> lines(FileState file) {
        return new String(file.content(), StandardCharsets.UTF_8).lines();
    }
}
