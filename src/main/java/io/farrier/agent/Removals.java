package io.farrier.agent;

import io.farrier.logs.RecentIds;
import io.farrier.runtime.RuntimeEvent;
import io.farrier.sample.ContainerSample;
import io.farrier.sample.ContainerSample.State;
import java.util.List;
import java.util.Optional;

/**
 * Which containers that may have written something are removed, by a runtime's events. That one was started may have been
 * before anybody listened: only of those that are known to be made and not started it is sure that they wrote nothing.
 */
final class Removals {
    private final RecentIds idle = new RecentIds();

    /** @param table of all containers */
    synchronized void listed(List<ContainerSample> table) {
        for (ContainerSample container : table) {
            if (container.state() == State.CREATED) {
                idle.add(container.id());
            }
        }
    }

    /** The container that this event says was removed. */
    synchronized Optional<ContainerSample> heard(RuntimeEvent event) {
        if (event.kind() != RuntimeEvent.Kind.CONTAINER) {
            return Optional.empty();
        }
        return switch (event.action()) {
            case "create" -> {
                idle.add(event.id());
                yield Optional.empty();
            }
            case "start" -> {
                idle.remove(event.id());
                yield Optional.empty();
            }
            case "destroy" -> idle.remove(event.id()) ? Optional.empty() : event.container();
            default -> Optional.empty();
        };
    }
}
