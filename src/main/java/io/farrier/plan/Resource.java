package io.farrier.plan;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One file, or one folder of our files, that farrier keeps true.
 *
 * @param <S> all that planning needs to know: what is on disk, what is ours, what the daemon has in effect
 */
public interface Resource<S> {
    ResourceName name();

    /** Reads and never writes. An unreachable daemon is part of what is observed, not an error. */
    S observe() throws IOException;

    /** Pure and total: the same input gives the same plan, and what cannot be planned is a refusal. */
    FilePlan plan(S observed, Allowance allowance);

    /**
     * What the daemon itself would say of the plan's files, asked once before anything is written; empty when it would
     * take them, or cannot be asked.
     */
    default Optional<Reason> objection(FilePlan plan) throws IOException {
        return Optional.empty();
    }

    /** Files and folders that show by their attributes that somebody else may have changed something. */
    default List<Path> watched() {
        return List.of();
    }

    /** The plan that gives back what was there before farrier: originals where untouched, else without what is ours. */
    FilePlan planRestore(S observed);
}
