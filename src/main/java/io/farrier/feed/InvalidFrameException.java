package io.farrier.feed;

import java.io.IOException;

/** Bytes that are not a frame; the connection they came from is closed. */
public final class InvalidFrameException extends IOException {
    private static final long serialVersionUID = 1L;

    public InvalidFrameException(String message) {
        super(message);
    }
}
