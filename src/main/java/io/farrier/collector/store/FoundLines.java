package io.farrier.collector.store;

import java.util.List;
import java.util.Optional;

/**
 * The oldest first.
 *
 * @param complete false when the deadline came before all that could fit was looked at
 * @param next what {@link LineQuery#before} asks for the page before with; empty when there is none
 */
public record FoundLines(List<StoredLine> lines, boolean complete, Optional<Long> next) {
    public FoundLines {
        lines = List.copyOf(lines);
    }
}
