package io.farrier.collector.store;

import java.io.IOException;

/** A block is whole, but what compressed it is not here: the store must not go on as if the block were not there. */
final class CodecMissingException extends IOException {
    private static final long serialVersionUID = 1L;

    CodecMissingException(String message) {
        super(message);
    }
}
