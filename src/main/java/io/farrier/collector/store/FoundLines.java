package io.farrier.collector.store;

import java.util.List;
import java.util.Optional;

/**
 * The oldest first.
 *
 * @param lines fewer than were asked for when there are no more, when they are very long, or when time was over
 * @param complete false when time was over before all that could fit was looked at, or joined
 * @param next what {@link LineQuery#before} asks for the page before with; empty when there is none. No line between two
 *     pages is missed, complete or not; a page whose time was over may be empty and yet have a next one
 */
public record FoundLines(List<StoredLine> lines, boolean complete, Optional<Long> next) {
    public FoundLines {
        lines = List.copyOf(lines);
    }
}
