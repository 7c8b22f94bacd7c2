package io.farrier.collector.store;

import java.util.List;

/** One state of many nodes; {@code complete} is false when there were more than one answer may hold. */
public record States(List<StoredEvent> events, boolean complete) {
    public States {
        events = List.copyOf(events);
    }
}
