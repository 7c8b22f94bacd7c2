package io.farrier.sample;

import java.util.Optional;

/**
 * One configured registry as this node's runtime sees it.
 *
 * @param trust whether what the configuration asks for is in effect
 * @param verdict one sentence: what the last look found
 * @param caExpires when the first of its CA certificates expires, ISO-8601
 */
public record RegistryStatus(String host, Trust trust, boolean insecure, String verdict, Optional<String> caExpires) {
    public enum Trust {
        /** On disk and in effect, as configured. */
        KEPT,
        /** Wanted and not (wholly) there. */
        PENDING,
        UNKNOWN
    }
}
