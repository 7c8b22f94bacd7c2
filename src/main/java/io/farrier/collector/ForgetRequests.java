package io.farrier.collector;

import io.farrier.collector.identity.NodeName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Names that the operator gives free, such as that of a node that was installed anew and has another key now: one empty
 * file for each in {@code state_dir/forget}. Who can write there is the collector's owner; no token opens it.
 */
final class ForgetRequests {
    private static final int MAX_AT_ONCE = 1_000;

    private final Path folder;

    ForgetRequests(Path stateDir) {
        this.folder = stateDir.resolve("forget");
    }

    /** Takes the requests that are there; each is taken once. */
    void take(Consumer<NodeName> forget) throws IOException {
        for (Path request : requests()) {
            String name = request.getFileName().toString();
            Files.delete(request);
            if (NodeName.isNodeName(name)) {
                forget.accept(new NodeName(name));
            }
        }
    }

    private List<Path> requests() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile).limit(MAX_AT_ONCE).toList();
        }
    }
}
