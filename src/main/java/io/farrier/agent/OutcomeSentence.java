package io.farrier.agent;

import io.farrier.plan.Change;
import io.farrier.plan.Outcome;
import java.util.Locale;

/** An outcome as one line of the journal: {@code docker/daemon.json: applied + live-restore: true}. */
final class OutcomeSentence {
    private OutcomeSentence() {}

    static String of(Outcome outcome) {
        StringBuilder sentence = new StringBuilder(outcome.resource().value()).append(": ");
        sentence.append(outcome.result().name().toLowerCase(Locale.ROOT).replace('_', ' '));
        outcome.done().forEach(change -> sentence.append(' ').append(sentence(change)));
        outcome.withheld()
                .forEach(held -> sentence.append(" (withheld ")
                        .append(sentence(held.change()))
                        .append(')'));
        outcome.reason().ifPresent(reason -> sentence.append(", ").append(reason.sentence()));
        return sentence.toString();
    }

    private static String sentence(Change change) {
        String value =
                change.after().or(change::before).map(text -> ": " + text).orElse("");
        return change.kind().sign() + " " + change.key() + value;
    }
}
