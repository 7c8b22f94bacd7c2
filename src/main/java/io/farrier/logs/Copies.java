package io.farrier.logs;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Files with lines that are in no other file. Their writers keep them until they are stored: they need not be held.
 *
 * @param units by the names of systemd's units
 * @param containers by id
 * @param unread ids of containers whose lines cannot be had; empty where nobody copies any container's
 */
public record Copies(Map<String, Path> units, Map<String, Path> containers, Optional<Set<String>> unread) {
    static final Copies NONE = new Copies(Map.of(), Map.of(), Optional.empty());

    public Copies {
        units = Map.copyOf(units);
        containers = Map.copyOf(containers);
        unread = unread.map(Set::copyOf);
    }

    boolean lacks(String containerId) {
        return unread.map(ids -> ids.contains(containerId)).orElse(true);
    }
}
