package io.farrier.node;

import java.time.Instant;

/**
 * The agent only watches until somebody has looked: it died too often, or in the middle of a change.
 *
 * @param because one line, a sentence without a full stop
 */
public record SafeMode(Instant since, String because) {
    /** "the agent is in safe mode since ...", without a full stop. */
    public String sentence() {
        return "the agent is in safe mode since " + since + ": " + because;
    }
}
