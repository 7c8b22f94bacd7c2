package io.farrier.agent;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What the control socket does, and for whom. */
public enum Verb {
    STATUS(false),
    APPLY(true),
    APPLY_ALLOWING_REMOVAL(true),
    RESTORE(true),
    PULL(true);

    private final boolean changes;

    Verb(boolean changes) {
        this.changes = changes;
    }

    /** Verbs that change the node are for root only. */
    boolean isAllowedTo(int uid) {
        return uid == 0 || !changes;
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Verb> find(String word) {
        return Arrays.stream(values()).filter(verb -> verb.word().equals(word)).findFirst();
    }
}
