package io.farrier.plan;

import java.util.Optional;

/**
 * Mode, pause, policy and the containers seen, decided before planning. A resource asks it about each change it
 * wants; an objected change is withheld and its bytes are not in the edits.
 */
@FunctionalInterface
public interface Allowance {
    Allowance EVERYTHING = change -> Optional.empty();

    Optional<Withheld> objection(Change change);
}
