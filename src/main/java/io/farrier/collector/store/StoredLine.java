package io.farrier.collector.store;

import io.farrier.collector.identity.NodeName;
import io.farrier.feed.SourceId;
import java.time.Instant;

/**
 * One line with where it came from.
 *
 * @param id rises in the order in which lines were stored
 * @param offset of its first byte in the file
 * @param received by the collector's clock
 * @param lines how many were joined, by line feeds
 */
public record StoredLine(
        long id,
        NodeName node,
        String container,
        SourceId source,
        long offset,
        Instant received,
        LineText line,
        int lines) {}
