package io.farrier.runtime;

import io.farrier.image.ImageId;
import io.farrier.image.Reference;
import io.farrier.node.PauseFile;
import io.farrier.sample.ContainerSample;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A runtime in which nothing is changed while the node is paused: whoever asks, no pull and no tag begins (SAFETY 2). */
public final class PausableRuntime implements ContainerRuntime {
    private final ContainerRuntime runtime;
    private final PauseFile pause;

    public PausableRuntime(ContainerRuntime runtime, PauseFile pause) {
        this.runtime = runtime;
        this.pause = pause;
    }

    @Override
    public RuntimeInfo info() throws IOException {
        return runtime.info();
    }

    @Override
    public Optional<LocalImage> find(Reference reference) throws IOException {
        return runtime.find(reference);
    }

    @Override
    public List<LocalImage> images() throws IOException {
        return runtime.images();
    }

    @Override
    public LocalImage pull(PullRequest request, PullListener listener) throws IOException {
        pause.check("Tried to pull " + request.reference());
        return runtime.pull(request, listener);
    }

    @Override
    public void tag(ImageId id, Reference name) throws IOException {
        pause.check("Tried to tag " + name);
        runtime.tag(id, name);
    }

    @Override
    public List<ContainerSample> containers() throws IOException {
        return runtime.containers();
    }

    @Override
    public Watch watch(Consumer<RuntimeEvent> listener) {
        return runtime.watch(listener);
    }

    @Override
    public void close() {
        runtime.close();
    }
}
