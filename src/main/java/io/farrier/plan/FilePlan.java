package io.farrier.plan;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What one {@link Resource} wants. With a {@code refusal} there are no edits: what cannot be understood is not touched.
 *
 * @param changes what becomes different; with a consequence and no edit it is written already and not in effect
 * @param remarks what an operator must know and nobody has to do anything about, as clauses that may be shown
 * @param claims all that is farrier's in this resource once the edits are done; empty with a refusal, which changes nothing
 */
public record FilePlan(
        ResourceName resource,
        List<Edit> edits,
        List<Change> changes,
        List<Withheld> withheld,
        Optional<Reason> refusal,
        List<String> remarks,
        SortedSet<Claim> claims) {
    public FilePlan {
        edits = List.copyOf(edits);
        changes = List.copyOf(changes);
        withheld = List.copyOf(withheld);
        remarks = List.copyOf(remarks);
        claims = Collections.unmodifiableSortedSet(new TreeSet<>(claims));
        if (refusal.isPresent() && !edits.isEmpty()) {
            throw new IllegalArgumentException("a refused resource has no edits: " + resource);
        }
    }

    /** Of which there is nothing to remark. */
    public FilePlan(
            ResourceName resource,
            List<Edit> edits,
            List<Change> changes,
            List<Withheld> withheld,
            Optional<Reason> refusal,
            SortedSet<Claim> claims) {
        this(resource, edits, changes, withheld, refusal, List.of(), claims);
    }

    public static FilePlan noop(ResourceName resource) {
        return new FilePlan(resource, List.of(), List.of(), List.of(), Optional.empty(), new TreeSet<>());
    }

    public static FilePlan refused(ResourceName resource, Reason reason) {
        return new FilePlan(resource, List.of(), List.of(), List.of(), Optional.of(reason), new TreeSet<>());
    }

    /** True when all that is left is a start of the daemon that farrier does not cause: written, and not in effect. */
    public boolean isWaiting() {
        return edits.isEmpty()
                && refusal.isEmpty()
                && !changes.isEmpty()
                && changes.stream().allMatch(Change::waitsForNextStart);
    }

    /** What its changes wait for once they are written, and the one command that ends it; empty when they do not wait. */
    public Optional<Reason> waitsFor() {
        return changes.stream()
                .filter(change -> change.waitsForNextStart() || change.needsRestart())
                .flatMap(change -> change.consequence().stream())
                .findFirst()
                .map(needed -> new Reason(
                        "Wrote " + resource,
                        needed.because() + ".",
                        "Run 'systemctl restart " + needed.daemon() + "' when it suits the node."));
    }

    public boolean isNoop() {
        return edits.isEmpty() && changes.isEmpty() && withheld.isEmpty() && refusal.isEmpty();
    }
}
