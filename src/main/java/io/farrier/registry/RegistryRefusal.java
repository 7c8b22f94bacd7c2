package io.farrier.registry;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** A registry answered, and the answer was not what was asked for. The message names the registry and its own words. */
public final class RegistryRefusal extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int TOO_MANY = 429;
    private static final int SERVER_ERRORS = 500;

    private final int status;
    private final transient Optional<Duration> retryAfter;

    /** @param retryAfter what it said of when to come back; bounded */
    RegistryRefusal(String sentence, int status, Optional<Duration> retryAfter) {
        super(sentence);
        this.status = status;
        this.retryAfter = retryAfter;
    }

    public int status() {
        return status;
    }

    public boolean isMissing() {
        return status == 404;
    }

    /** Repeating it locks accounts. */
    public boolean isUnauthorized() {
        return status == 401 || status == 403;
    }

    /** The same question may be answered later. */
    public boolean mayPass() {
        return status == TOO_MANY || status >= SERVER_ERRORS;
    }

    public Optional<Duration> retryAfter() {
        return retryAfter == null ? Optional.empty() : retryAfter;
    }
}
