package io.farrier.collector.store;

import io.farrier.feed.Frame.Lost;
import java.time.Instant;

/**
 * A loss as it was declared, and when the collector heard of it.
 *
 * @param id rises in the order in which losses were stored
 */
public record StoredLoss(long id, String container, Lost lost, Instant received) {}
