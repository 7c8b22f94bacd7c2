package io.farrier.ledger;

import io.farrier.plan.ResourceName;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How the last round left the node, so that a new version of farrier can tell what only it would change.
 *
 * @param version of farrier
 * @param configuration fingerprint of the one that was applied
 */
public record Settled(String version, String configuration, SortedMap<ResourceName, Left> resources) {
    /**
     * One resource.
     *
     * @param stamp differs as soon as somebody has written one of its files
     * @param plan fingerprint of what was still to do
     * @param isHeld a newer version has another plan for it, and waits for an order
     */
    public record Left(String stamp, String plan, boolean isHeld) {
        public Left held() {
            return new Left(stamp, plan, true);
        }
    }

    public Settled {
        resources = Collections.unmodifiableSortedMap(new TreeMap<>(resources));
    }
}
