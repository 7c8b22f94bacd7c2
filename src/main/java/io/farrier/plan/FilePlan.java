package io.farrier.plan;

import java.util.List;
import java.util.Optional;

/** What one {@link Resource} wants. With a {@code refusal} there are no edits: what cannot be understood is not touched. */
public record FilePlan(
        ResourceName resource,
        List<Edit> edits,
        List<Change> changes,
        List<Withheld> withheld,
        Optional<Reason> refusal) {
    public FilePlan {
        edits = List.copyOf(edits);
        changes = List.copyOf(changes);
        withheld = List.copyOf(withheld);
        if (refusal.isPresent() && !edits.isEmpty()) {
            throw new IllegalArgumentException("a refused resource has no edits: " + resource);
        }
    }

    public static FilePlan noop(ResourceName resource) {
        return new FilePlan(resource, List.of(), List.of(), List.of(), Optional.empty());
    }

    public static FilePlan refused(ResourceName resource, Reason reason) {
        return new FilePlan(resource, List.of(), List.of(), List.of(), Optional.of(reason));
    }

    public boolean isNoop() {
        return edits.isEmpty() && changes.isEmpty() && withheld.isEmpty() && refusal.isEmpty();
    }
}
