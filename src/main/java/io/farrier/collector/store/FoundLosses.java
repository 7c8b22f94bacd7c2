package io.farrier.collector.store;

import java.util.List;

/**
 * The latest first.
 *
 * @param total how many are kept of the node, on whichever page
 */
public record FoundLosses(List<StoredLoss> losses, long total) {
    public FoundLosses {
        losses = List.copyOf(losses);
    }
}
