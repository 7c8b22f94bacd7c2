package io.farrier.registry;

import java.io.IOException;

/** A registry answered with bytes that are not what they are said to be: damaged on their way, or a lie. */
public final class BadContentException extends IOException {
    private static final long serialVersionUID = 1L;

    BadContentException(String message) {
        super(message);
    }
}
