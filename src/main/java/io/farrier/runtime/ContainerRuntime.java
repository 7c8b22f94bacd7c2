package io.farrier.runtime;

import io.farrier.image.ImageId;
import io.farrier.image.Reference;
import io.farrier.sample.ContainerSample;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A container runtime, asked synchronously. Every call has a deadline of its own; none may be made on an event loop.
 * A runtime that cannot be reached is a {@link RuntimeUnavailableException}, an answer that says no is an IOException
 * with the runtime's own words.
 */
public interface ContainerRuntime extends AutoCloseable {
    RuntimeInfo info() throws IOException;

    /** The image under exactly this name, tag and digest. */
    Optional<LocalImage> find(Reference reference) throws IOException;

    /** All images, in one call. */
    List<LocalImage> images() throws IOException;

    /** Pulls by tag or digest; returns when the image is there, or throws with the exact reason. */
    LocalImage pull(PullRequest request, PullListener listener) throws IOException;

    void tag(ImageId id, Reference name) throws IOException;

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
