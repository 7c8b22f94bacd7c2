package io.farrier.assembly;

import io.farrier.config.FarrierConfig;
import io.farrier.logs.ContainerLines;
import io.farrier.logs.ContainerNames;
import io.farrier.logs.FileLines;
import io.farrier.logs.LogLine;
import io.farrier.logs.LogScope;
import io.farrier.logs.PlainFiles;
import io.farrier.logs.UnitScope;
import io.farrier.logs.docker.AskedLines;
import io.farrier.logs.docker.DockerLogs;
import io.farrier.node.NodeFiles;
import io.farrier.runtime.docker.ContainersOnDisk;
import io.farrier.sample.ContainerSample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The logs of this node's containers: found by files, so that neither runtime nor Kubernetes nor collector is needed; only
 * those without a file are asked of dockerd.
 */
public final class NodeLogs {
    private final FarrierConfig.Logs config;
    private final NodeFiles files;
    private final NodeRuntime runtime;
    private final DockerLogs docker;

    NodeLogs(FarrierConfig.Logs config, NodeFiles files, NodeRuntime runtime, DockerLogs docker) {
        this.config = config;
        this.files = files;
        this.runtime = runtime;
        this.docker = docker;
    }

    /** What decides for the agent too. */
    public LogScope scope() {
        return new LogScope(config.include(), config.exclude());
    }

    /** The files that the configuration names beside containers, and why each is shipped or not. */
    public List<PlainFiles.Found> plainFiles() throws IOException {
        return new PlainFiles(config.files(), files.locate(Path.of("/"))).find();
    }

    /** The units of systemd that come into question, and what decides for the agent. */
    public Map<String, LogScope.Decision> units() {
        return new UnitScope(config.units(), config.exclude()).decisions();
    }

    /** The table that the agent works with or, while the runtime does not answer, what lies on disk. */
    public List<ContainerSample> containers() throws IOException {
        try {
            return runtime.runtime().containers();
        } catch (IOException silent) {
            return onDisk();
        }
    }

    /** All containers that {@code name} may mean: those on disk, else those of a runtime with files elsewhere. */
    public List<ContainerSample> named(String name) throws IOException {
        List<ContainerSample> found = ContainerNames.meant(name, onDisk());
        return found.isEmpty() ? ContainerNames.meant(name, containers()) : found;
    }

    /** From its files or, where its logging driver leaves none, from dockerd. @param follow whether more will be wanted */
    public ContainerLines lines(ContainerSample container, boolean follow, Consumer<LogLine> lines) throws IOException {
        if (container.logPath() != null) {
            return new FileLines(files.locate(Path.of(container.logPath())), lines);
        }
        try {
            return AskedLines.of(container.id(), docker, follow, lines);
        } catch (IOException refused) {
            throw new IOException(
                    "Tried to have the log of " + ContainerNames.full(container) + " from Docker, for its logging"
                            + " driver leaves no file, but: " + refused.getMessage(),
                    refused);
        }
    }

    private List<ContainerSample> onDisk() throws IOException {
        List<ContainerSample> found = new ArrayList<>(new ContainersOnDisk(files).list());
        for (ContainerSample pod : new io.farrier.runtime.containerd.ContainersOnDisk(files).list()) {
            if (!isDockers(pod)) {
                found.add(pod);
            }
        }
        return found;
    }

    /** On RKE1 the kubelet's names are links to Docker's files, which Docker's own list has already. */
    private boolean isDockers(ContainerSample pod) throws IOException {
        return pod.logPath() != null
                && files.locate(Path.of(pod.logPath())).toString().endsWith("-json.log");
    }
}
