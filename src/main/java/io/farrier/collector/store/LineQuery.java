package io.farrier.collector.store;

import io.farrier.collector.identity.NodeName;
import java.time.Instant;
import java.util.Optional;

/**
 * Which lines to find: the newest that fit.
 *
 * @param container exact name as the source announced it
 * @param text in the line as it is shown, upper and lower case told apart; empty for any
 * @param since by the collector's clock, inclusive: what a node's clock says decides nothing
 * @param until by the collector's clock, exclusive
 * @param before only lines with a smaller {@link StoredLine#id()}: the page before
 * @param limit 1 to {@link #MAX_LIMIT}
 */
public record LineQuery(
        Optional<NodeName> node,
        Optional<String> container,
        String text,
        Optional<Instant> since,
        Optional<Instant> until,
        Optional<Long> before,
        int limit) {
    public static final int MAX_LIMIT = 5_000;

    public LineQuery {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new IllegalArgumentException("limit is " + limit + "; expected 1 to " + MAX_LIMIT);
        }
    }

    /** The newest lines of everything. */
    public static LineQuery newest(int limit) {
        return new LineQuery(
                Optional.empty(), Optional.empty(), "", Optional.empty(), Optional.empty(), Optional.empty(), limit);
    }

    public LineQuery of(NodeName ofNode) {
        return new LineQuery(Optional.of(ofNode), container, text, since, until, before, limit);
    }

    public LineQuery inContainer(String name) {
        return new LineQuery(node, Optional.of(name), text, since, until, before, limit);
    }

    public LineQuery containing(String part) {
        return new LineQuery(node, container, part, since, until, before, limit);
    }

    public LineQuery receivedIn(Optional<Instant> from, Optional<Instant> to) {
        return new LineQuery(node, container, text, from, to, before, limit);
    }

    public LineQuery atMost(int lines) {
        return new LineQuery(node, container, text, since, until, before, lines);
    }

    public LineQuery before(long id) {
        return new LineQuery(node, container, text, since, until, Optional.of(id), limit);
    }
}
