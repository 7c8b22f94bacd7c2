package io.farrier.collector.store;

import io.farrier.feed.Frame.Lost;
import java.time.Instant;

/** A loss as it was declared, and when the collector heard of it. */
public record StoredLoss(String container, Lost lost, Instant received) {}
