package io.farrier.images;

import io.farrier.config.FarrierConfig.Hold;
import io.farrier.image.Reference;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.RuntimeUnavailableException;
import io.farrier.sample.ImageStatus;
import io.farrier.sample.ImageStatus.State;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Holds the wanted images that are here against the garbage collector, and lets go of what is wanted no more. */
final class Holds {
    private final ContainerRuntime runtime;
    private final Which which;

    enum Which {
        NONE,
        PAUSE,
        ALL;

        static Which of(Hold configured, boolean isDocker) {
            return switch (configured) {
                case NONE -> NONE;
                case PAUSE -> PAUSE;
                case ALL -> ALL;
                case AUTO -> isDocker ? PAUSE : ALL;
            };
        }

        private boolean takes(Reference reference) {
            return this == ALL || (this == PAUSE && WantedImages.isPause(reference));
        }
    }

    Holds(ContainerRuntime runtime, Which which) {
        this.runtime = runtime;
        this.which = which;
    }

    void keep(List<ImageStatus> images) throws IOException {
        Set<Reference> due = new LinkedHashSet<>();
        Set<Reference> wanted = new LinkedHashSet<>();
        for (ImageStatus image : images) {
            Reference reference = Reference.parse(image.reference());
            if (which.takes(reference)) {
                wanted.add(reference);
                if (image.state() == State.PRESENT) {
                    due.add(reference);
                }
            }
        }
        Set<Reference> held = runtime.pinned();
        for (Reference reference : held) {
            if (!wanted.contains(reference)) {
                runtime.unpin(reference);
            }
        }
        for (Reference reference : due) {
            if (!held.contains(reference)) {
                pin(reference);
            }
        }
    }

    private void pin(Reference reference) throws IOException {
        try {
            runtime.pin(reference);
        } catch (RuntimeUnavailableException away) {
            throw away;
        } catch (IOException refusal) {
            // Removed since it was looked for: the next round, which its removal has begun, brings it back.
            if (runtime.find(reference).isPresent()) {
                throw refusal;
            }
        }
    }
}
