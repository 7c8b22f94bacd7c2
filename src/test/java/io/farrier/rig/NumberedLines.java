package io.farrier.rig;

import static io.farrier.rig.InstalledFarrier.SOON;

import io.farrier.testing.SystemdNode;
import java.util.HashSet;
import java.util.List;

/** A container that says {@code line 1 of ...}, {@code line 2 of ...} on a machine with a collector. */
final class NumberedLines {
    private NumberedLines() {}

    /** Waits until the collector has all lines until now, each once; returns the number of the last one. */
    static long awaitStored(SystemdNode node, InstalledFarrier farrier, String container) {
        long last =
                Long.parseLong(node.shell("docker logs --tail 1 " + container).split(" ")[1]);
        node.await("the lines of " + container, SOON, last + ", " + last + " different ones", () -> {
            List<Long> stored = StoredNumbers.of(farrier::api, "node", container).stream()
                    .filter(number -> number <= last)
                    .toList();
            return stored.size() + ", " + new HashSet<>(stored).size() + " different ones";
        });
        return last;
    }
}
