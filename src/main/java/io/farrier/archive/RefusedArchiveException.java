package io.farrier.archive;

import java.io.IOException;
import java.nio.file.Path;

/** An archive that is damaged, or made to deceive: nothing of it is used. */
public final class RefusedArchiveException extends IOException {
    private static final long serialVersionUID = 1L;

    RefusedArchiveException(Path file, String because) {
        super(file + " is refused: " + because + ". Nothing of it was imported.");
    }
}
