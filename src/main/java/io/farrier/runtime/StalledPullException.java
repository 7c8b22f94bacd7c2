package io.farrier.runtime;

import io.farrier.image.Reference;
import java.io.IOException;
import java.time.Duration;

/** A download stood still for too long and was given up; the registry or the line is slow, not wrong. */
public final class StalledPullException extends IOException {
    private static final long serialVersionUID = 1L;

    public StalledPullException(Reference reference, Duration patience) {
        super("The download of " + reference + " stood still for " + patience.toSeconds() + " s and was given up.");
    }
}
