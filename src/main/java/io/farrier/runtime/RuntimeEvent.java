package io.farrier.runtime;

import io.farrier.sample.ContainerSample;
import java.util.Optional;

/**
 * Something changed in a runtime.
 *
 * @param action the runtime's word: {@code start}, {@code die}, {@code untag}; {@code resync} after a gap
 * @param id container id or image reference, empty for {@code resync}
 * @param container that was removed, as far as the event itself tells who it was
 */
public record RuntimeEvent(Kind kind, String action, String id, Optional<ContainerSample> container) {
    public enum Kind {
        CONTAINER,
        IMAGE,
        DAEMON,
        RESYNC
    }

    public RuntimeEvent(Kind kind, String action, String id) {
        this(kind, action, id, Optional.empty());
    }
}
