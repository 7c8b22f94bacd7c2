package io.farrier.config;

import java.nio.file.Path;
import java.util.List;

/**
 * A configuration that was read without a problem.
 *
 * @param warnings what is worth a look and stops nothing
 * @param values every effective value with its origin, in the order of the declaration; secrets are masked
 * @param files the files and folders that were looked at: when one changes, the configuration may
 * @param fingerprint of all that was read: the same exactly when nothing changed
 */
public record Loaded<T>(
        T config, List<Problem> warnings, List<EffectiveValue> values, List<Path> files, String fingerprint) {
    public Loaded {
        warnings = List.copyOf(warnings);
        values = List.copyOf(values);
        files = List.copyOf(files);
    }

    /** The annotated view that {@code config check --show} prints: one value a line, its origin behind {@code #}. */
    public String annotated() {
        StringBuilder text = new StringBuilder();
        for (EffectiveValue value : values) {
            text.append(value.path())
                    .append(": ")
                    .append(value.value())
                    .append("  # ")
                    .append(value.origin())
                    .append('\n');
        }
        return text.toString();
    }
}
