package io.farrier.node;

import java.io.IOException;

/** Not done, because the node is paused. */
public final class PausedException extends IOException {
    private static final long serialVersionUID = 1L;

    PausedException(String tried, Pause pause) {
        super(tried + ": this node is paused; " + pause.sentence() + ". Run 'farrier resume' or remove the file.");
    }
}
