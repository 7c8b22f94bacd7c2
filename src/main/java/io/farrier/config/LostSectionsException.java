package io.farrier.config;

import java.io.IOException;
import java.util.List;

/** A configuration that is valid and has lost what the one in force still names. */
public final class LostSectionsException extends IOException {
    private static final long serialVersionUID = 1L;

    /** @param losses of {@link Losses} */
    public LostSectionsException(List<String> losses) {
        super("Read the configuration, but " + String.join(", and ", losses)
                + ". farrier keeps to the last good one. If it"
                + " is meant, run 'farrier apply --allow-removal', or set 'changes.allow_removal: true'.");
    }
}
