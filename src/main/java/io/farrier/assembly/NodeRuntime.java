package io.farrier.assembly;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.Distribution;
import io.farrier.logs.docker.DockerLogs;
import io.farrier.node.PauseFile;
import io.farrier.runtime.AppearingRuntime;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.PausableRuntime;
import io.farrier.runtime.RuntimeFinder;
import io.farrier.runtime.RuntimeFinder.Found;
import io.farrier.runtime.RuntimeFinder.Kind;
import io.farrier.runtime.RuntimeInfo;
import io.farrier.runtime.containerd.CriRuntime;
import io.farrier.runtime.docker.DockerRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The node's container runtime, Docker or containerd, as soon as it has one. It stays over changes of configuration. */
final class NodeRuntime implements AutoCloseable {
    private final Machine machine;
    private final RuntimeFinder finder;
    private final AppearingRuntime runtime;
    private final PauseFile pause;

    NodeRuntime(Machine machine, FarrierConfig config) throws IOException {
        this.machine = machine;
        this.pause = machine.pause();
        this.finder = new RuntimeFinder(
                machine.root(),
                wantedKind(config.node().distribution()),
                config.runtime().socket());
        this.runtime = new AppearingRuntime(finder, this::open, System::nanoTime);
    }

    private static Optional<Kind> wantedKind(Distribution distribution) {
        return distribution == Distribution.AUTO ? Optional.empty() : Optional.of(Kind.valueOf(distribution.name()));
    }

    private ContainerRuntime open(Found found) {
        ContainerRuntime opened = found.kind().isDocker()
                ? new DockerRuntime(machine.http(), found.socket())
                : new CriRuntime(machine.http(), found.socket(), machine.commands());
        return new PausableRuntime(opened, pause);
    }

    ContainerRuntime runtime() {
        return runtime;
    }

    /** What this node runs, or, while nothing runs, what it was made to run. */
    Optional<Kind> kind() {
        return finder.find().map(Found::kind).or(finder::installed);
    }

    boolean isDockerNode() {
        return kind().map(Kind::isDocker).orElse(false);
    }

    Optional<Path> dockerSocket() {
        return finder.find().filter(found -> found.kind().isDocker()).map(Found::socket);
    }

    /** Of containers whose logging drivers leave no file. */
    DockerLogs dockerLogs() {
        return new DockerLogs(machine.http(), this::dockerSocket);
    }

    /** Where its containerd is, or will be. */
    Path criSocket() {
        return finder.find().map(Found::socket).orElse(Path.of("/run/k3s/containerd/containerd.sock"));
    }

    /** For messages. */
    String tried() {
        return finder.tried();
    }

    /** For checks and vitals, which look all the time. */
    RuntimeInfo recentInfo() throws IOException {
        return runtime.recentInfo();
    }

    /** Where images and logs live; empty while nobody says. */
    Optional<Path> dataRoot() {
        try {
            return recentInfo().dataRoot().map(Path::of);
        } catch (IOException silent) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        runtime.close();
    }
}
