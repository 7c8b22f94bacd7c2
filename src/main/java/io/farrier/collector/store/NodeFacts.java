package io.farrier.collector.store;

import io.farrier.collector.identity.NodeName;
import java.time.Instant;

/**
 * What the collector knows of a node itself.
 *
 * @param lastSeen when it last said something, by the collector's clock
 * @param nodeTime what the node's clock said in its last event; equal to {@code nodeTimeReceived} when they agree
 * @param labels JSON object
 */
public record NodeFacts(
        NodeName name,
        Instant firstSeen,
        Instant lastSeen,
        Instant nodeTime,
        Instant nodeTimeReceived,
        String agent,
        String boot,
        String labels) {}
