package io.farrier.plan;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What became of one resource's plan. It is printed, journalled and framed; it holds no secret. */
public record Outcome(
        ResourceName resource,
        Result result,
        List<Change> done,
        List<Withheld> withheld,
        Optional<Reason> reason,
        Instant at) {
    public enum Result {
        /** Nothing was to be done. */
        KEPT,
        /** Written and in effect. */
        APPLIED,
        /** Written, in effect only after a restart that is not allowed. */
        WAITING,
        /** Applied, and planning again still finds a difference. */
        DIVERGED,
        /** Not touched, because it could not be understood or is not ours to touch. */
        REFUSED,
        /** Written, failed the gate, and put back. */
        ROLLED_BACK,
        /** Neither applied nor put back; the reason says what is left. */
        FAILED,
        /** A proof: the runtime pulled from the registry after the change. */
        PROVEN,
        /** A proof: it could not; the change stays. */
        UNPROVEN
    }

    public Outcome {
        done = List.copyOf(done);
        withheld = List.copyOf(withheld);
    }
}
