package io.farrier.collector.store;

import java.util.Optional;

/** Whether a node may speak under its name. Refusals are sentences for the operator of the node. */
public record Binding(Optional<String> refusal) {
    static final Binding BOUND = new Binding(Optional.empty());

    static Binding refused(String sentence) {
        return new Binding(Optional.of(sentence));
    }

    public boolean isRefused() {
        return refusal.isPresent();
    }
}
