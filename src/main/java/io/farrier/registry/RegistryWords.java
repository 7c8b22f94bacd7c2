package io.farrier.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Optional;

/** What a registry says in the body of a refusal, bounded and without control characters. */
final class RegistryWords {
    private static final int MAX_SHOWN = 300;

    /** ENOSPC of errno(3). */
    private static final int OUT_OF_SPACE = 28;

    private RegistryWords() {}

    /**
     * {@code CODE message} of its first error (distribution's api/errcode); empty when it says nothing. Its full disk is
     * only an errno among the details of an unknown error.
     */
    static Optional<String> of(byte[] body) {
        try {
            JsonNode first = RegistryClient.MAPPER.readTree(body).path("errors").path(0);
            String text =
                    (first.path("code").asText("") + " " + first.path("message").asText("")).strip();
            boolean isFull = first.path("detail").findPath("Err").asInt() == OUT_OF_SPACE;
            String all = isFull ? text + ", no space left on device: its own disk is full" : text;
            return all.isEmpty() ? Optional.empty() : Optional.of(shown(all));
        } catch (IOException notJson) {
            // An upper-case path is answered with plain text; the status says enough.
            return Optional.empty();
        }
    }

    /** Anything that came from a registry, as it can be part of a sentence. */
    static String shown(String text) {
        String cut = text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "..." : text;
        return cut.replaceAll("\\p{Cntrl}", " ");
    }
}
