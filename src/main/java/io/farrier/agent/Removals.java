package io.farrier.agent;

import io.farrier.logs.RecentIds;
import io.farrier.runtime.RuntimeEvent;
import io.farrier.sample.ContainerSample;
import java.util.Optional;

/** Which containers ran and are removed, by a runtime's events. One thread. */
final class Removals {
    private final RecentIds started = new RecentIds();

    /** The container that this event says was removed, if one before said that it was started. */
    Optional<ContainerSample> heard(RuntimeEvent event) {
        if (event.kind() != RuntimeEvent.Kind.CONTAINER) {
            return Optional.empty();
        }
        return switch (event.action()) {
            case "start" -> {
                started.add(event.id());
                yield Optional.empty();
            }
            case "destroy" -> started.remove(event.id()) ? event.container() : Optional.empty();
            default -> Optional.empty();
        };
    }
}
