package io.farrier.runtime;

import io.farrier.image.ImageId;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.node.PauseFile;
import io.farrier.sample.ContainerSample;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** A runtime in which nothing is changed while the node is paused: whoever asks, no pull, tag, pin or import begins (SAFETY 2). */
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
    public Optional<ManifestDigest> lookAtRegistry(PullRequest request) throws IOException {
        return runtime.lookAtRegistry(request);
    }

    @Override
    public void remove(Reference reference) throws IOException {
        pause.check("Tried to remove " + reference);
        runtime.remove(reference);
    }

    @Override
    public void pin(Reference reference) throws IOException {
        pause.check("Tried to pin " + reference);
        runtime.pin(reference);
    }

    @Override
    public void unpin(Reference reference) throws IOException {
        pause.check("Tried to unpin " + reference);
        runtime.unpin(reference);
    }

    @Override
    public Set<Reference> pinned() throws IOException {
        return runtime.pinned();
    }

    @Override
    public void load(Images images) throws IOException {
        pause.check("Tried to load images");
        runtime.load(images);
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
