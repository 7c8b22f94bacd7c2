package io.farrier.runtime;

import io.farrier.image.ImageId;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.sample.ContainerSample;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A container runtime, asked synchronously. Every call has a deadline of its own; none may be made on an event loop.
 * A runtime that cannot be reached is a {@link RuntimeUnavailableException}, an answer that says no is an IOException
 * with the runtime's own words.
 */
public interface ContainerRuntime extends AutoCloseable {
    RuntimeInfo info() throws IOException;

    /**
     * What it said of itself lately, unless it has changed since: for whoever looks again and again. dockerd starts two
     * programs for each {@link #info()} (runc and docker-init, for their versions).
     */
    default RuntimeInfo recentInfo() throws IOException {
        return info();
    }

    /** The image under exactly this name, tag and digest. */
    Optional<LocalImage> find(Reference reference) throws IOException;

    /** All images, in one call. */
    List<LocalImage> images() throws IOException;

    /** Pulls by tag or digest; returns when the image is there, or throws with the exact reason. */
    LocalImage pull(PullRequest request, PullListener listener) throws IOException;

    /**
     * What the registry serves under this name, asked by the runtime itself and so with its own trust; empty where a runtime
     * can only find out by pulling.
     */
    Optional<ManifestDigest> lookAtRegistry(PullRequest request) throws IOException;

    void tag(ImageId id, Reference name) throws IOException;

    /** Removes an image that nothing uses and that is known by this name alone. What is not there is no error. */
    void remove(Reference reference) throws IOException;

    /**
     * Keeps an image that is here from being collected as unused. containerd marks the name as pinned, which the kubelet
     * respects; dockerd knows no such mark, so a container that is created and never started refers to the image.
     * Pinning what is pinned is no error.
     */
    void pin(Reference reference) throws IOException;

    /** Takes back {@link #pin}, and only that; what is not pinned by farrier stays as it is. */
    void unpin(Reference reference) throws IOException;

    /** What {@link #pin} holds, farrier's own pins only. */
    Set<Reference> pinned() throws IOException;

    /** Takes in verified images under all their names; returns when the runtime would start containers of them. */
    void load(Images images) throws IOException;

    List<ContainerSample> containers() throws IOException;

    /**
     * Tells {@code listener} whenever containers or images may have changed, until closed. After a broken connection it
     * reconnects by itself and tells the listener once, because events may have been missed.
     */
    Watch watch(Consumer<RuntimeEvent> listener);

    /** Ends the watching. */
    interface Watch extends AutoCloseable {
        @Override
        void close();
    }

    @Override
    void close();
}
