package io.farrier.document;

import java.io.IOException;

/** A document that is not what its daemon accepts. The message says where and what, and fits behind a file's name. */
public final class InvalidDocumentException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;

    InvalidDocumentException(int line, int column, String message) {
        super(message);
        this.line = line;
        this.column = column;
    }

    /** Counts from 1. */
    public int line() {
        return line;
    }

    /** In characters, counts from 1. */
    public int column() {
        return column;
    }
}
