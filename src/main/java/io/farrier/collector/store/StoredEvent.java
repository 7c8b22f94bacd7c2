package io.farrier.collector.store;

import io.farrier.collector.identity.NodeName;
import io.farrier.feed.Frame.Topic;
import java.time.Instant;

/**
 * One event as it was sent.
 *
 * @param at by the node's clock
 * @param received by the collector's clock
 * @param data JSON object, as compact as it came
 */
public record StoredEvent(NodeName node, Topic topic, Instant at, Instant received, String data) {}
