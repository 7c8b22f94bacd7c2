package io.farrier.finding;

import java.util.Optional;

/** The way out: one sentence and, where there is one, the command. */
public record Remedy(String sentence, Optional<String> command) {
    public static Remedy of(String sentence) {
        return new Remedy(sentence, Optional.empty());
    }

    public static Remedy of(String sentence, String command) {
        return new Remedy(sentence, Optional.of(command));
    }
}
