package io.farrier.collector.web;

import io.farrier.collector.identity.NodeName;
import io.farrier.feed.Frame.Progress;
import io.farrier.metric.Metric;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The agents that are connected now. Asked on the collector's event loop only. */
public interface Fleet {
    /** An agent that was turned away: under which name, if that could be read, from where and why. */
    record Refusal(Instant at, Optional<NodeName> node, String remote, String reason) {}

    boolean isConnected(NodeName node);

    /** How far the long pieces of work of a node are, as it last said. */
    List<Progress> progress(NodeName node);

    /** The latest, the latest first; bounded. */
    List<Refusal> refusals();

    /** All that were ever turned away since the start. */
    long refused();

    List<Metric> metrics();
}
