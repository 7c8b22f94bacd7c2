package io.farrier.node;

import io.farrier.plan.Reason;
import java.time.Instant;
import java.util.Optional;

/**
 * Nothing on this node may change for a while.
 *
 * @param reason as its author gave it, one line ready to be shown; empty when nobody said
 * @param who paused it; empty when a shell made the bare file
 * @param until empty when only somebody ends it
 */
public record Pause(String reason, String who, Optional<Instant> until) {
    /** "it is paused by ... until ...", without a full stop. */
    public String sentence() {
        StringBuilder sentence = new StringBuilder("it is paused by ").append(PauseFile.PATH);
        until.ifPresent(end -> sentence.append(" until ").append(end));
        if (!reason.isEmpty()) {
            sentence.append(" (")
                    .append(reason)
                    .append(who.isEmpty() ? "" : ", says " + who)
                    .append(')');
        } else if (!who.isEmpty()) {
            sentence.append(" (by ").append(who).append(')');
        }
        return sentence.toString();
    }

    /** Why something was not done. */
    public Reason reason(String tried) {
        return new Reason(tried, sentence() + ".", "Run 'farrier resume' or remove the file.");
    }
}
