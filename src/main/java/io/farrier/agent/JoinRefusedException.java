package io.farrier.agent;

import java.io.IOException;

/** The collector said no; the message is its sentence. */
public final class JoinRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    JoinRefusedException(String sentence) {
        super(sentence);
    }
}
