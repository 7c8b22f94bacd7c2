package io.farrier.testing;

/** The process is gone: an error that nothing catches, at one step on disk. */
public final class Killed extends Error {
    private static final long serialVersionUID = 1L;

    Killed(String where) {
        super(where, null, false, true);
    }
}
