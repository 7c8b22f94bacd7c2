package io.farrier.collector.store;

import java.util.List;

/**
 * The oldest first.
 *
 * @param complete false when the deadline came before all that could fit was looked at
 */
public record FoundLines(List<StoredLine> lines, boolean complete) {
    public FoundLines {
        lines = List.copyOf(lines);
    }
}
