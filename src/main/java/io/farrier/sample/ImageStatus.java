package io.farrier.sample;

import java.util.Optional;

/**
 * One image the node must have, and whether it has it.
 *
 * @param reference the exact name pods ask for
 * @param reason why it is missing or failed, in the registry's or runtime's own words
 */
public record ImageStatus(
        String reference,
        State state,
        Optional<String> imageId,
        Optional<String> digest,
        long sizeBytes,
        String reason) {
    public enum State {
        PRESENT,
        MISSING,
        PULLING,
        FAILED,
        UNKNOWN
    }
}
