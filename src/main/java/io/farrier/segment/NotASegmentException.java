package io.farrier.segment;

import java.io.IOException;
import java.nio.file.Path;

/** A file whose head is damaged in both copies, or that never was a segment; whoever owns it decides what then. */
public final class NotASegmentException extends IOException {
    private static final long serialVersionUID = 1L;

    NotASegmentException(Path path) {
        super("Tried to open " + path + " as a segment, but its head is damaged in both copies");
    }
}
