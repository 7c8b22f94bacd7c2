package io.farrier.assembly;

import io.farrier.agent.Configuration;
import io.farrier.agent.NodeWork;
import io.farrier.config.FarrierConfig;
import io.farrier.config.Loaded;
import io.farrier.node.NodeFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The agent's configuration in its files. A change is seen from their attributes; nothing is read to see that nothing changed. */
final class ConfigurationFiles implements Configuration {
    private final Machine machine;
    private final NodeRuntime runtime;
    private final Path file;
    private volatile Loaded<FarrierConfig> loaded;

    ConfigurationFiles(Machine machine, NodeRuntime runtime, Path file, Loaded<FarrierConfig> loaded) {
        this.machine = machine;
        this.runtime = runtime;
        this.file = file;
        this.loaded = loaded;
    }

    @Override
    public String fingerprint() throws IOException {
        NodeFiles files = machine.files();
        StringBuilder attributes = new StringBuilder();
        for (Path path : watched()) {
            attributes.append(path).append(' ').append(files.stamp(path)).append('\n');
        }
        return attributes.toString();
    }

    /** Those of the last good reading: whatever is named newly is named in a file that changed. */
    private List<Path> watched() {
        Set<Path> files = new LinkedHashSet<>(List.of(file));
        files.addAll(loaded.files());
        return List.copyOf(files);
    }

    @Override
    public FarrierConfig load() throws IOException {
        loaded = machine.loader().load(file);
        return loaded.config();
    }

    @Override
    public NodeWork furnish(FarrierConfig config) throws IOException {
        return new NodeParts(machine, runtime, loaded).work();
    }
}
