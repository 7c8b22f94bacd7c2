package io.farrier.archive;

import java.io.IOException;

/** What is wrong with an archive, before it is known which one it is. */
final class Malformed extends IOException {
    private static final long serialVersionUID = 1L;

    Malformed(String because) {
        super(because);
    }

    String because() {
        return String.valueOf(getMessage());
    }
}
