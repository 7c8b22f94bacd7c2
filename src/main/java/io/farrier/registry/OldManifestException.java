package io.farrier.registry;

import java.io.IOException;

/** A registry has an image in a form that farrier does not read and some runtimes still do. */
public final class OldManifestException extends IOException {
    private static final long serialVersionUID = 1L;

    OldManifestException(String message) {
        super(message);
    }
}
