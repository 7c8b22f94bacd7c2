package io.farrier.ledger;

import io.farrier.plan.DaemonName;
import io.farrier.plan.Edit;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A change that has begun: all that is needed to undo it, or to finish it once it is committed. It is on disk before the
 * first byte of the node changes and goes after the last.
 *
 * @param edits in the order in which they run
 * @param after the ownership of each resource once it is committed
 * @param folders that did not exist and are made for it, outermost first
 * @param daemons that read the files
 * @param committed its history line once nothing can fail any more; empty until then
 */
public record OpenChange(
        String id,
        By by,
        Instant at,
        List<Edit> edits,
        List<Ownership> after,
        List<Path> folders,
        List<DaemonName> daemons,
        Optional<String> committed) {
    public OpenChange {
        edits = List.copyOf(edits);
        after = List.copyOf(after);
        folders = List.copyOf(folders);
        daemons = List.copyOf(daemons);
    }

    public OpenChange committedWith(String historyLine) {
        return new OpenChange(id, by, at, edits, after, folders, daemons, Optional.of(historyLine));
    }
}
