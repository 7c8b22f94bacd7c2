package io.farrier.reconcile;

import io.farrier.plan.Outcome;
import java.util.List;

/** Says of the registries that a change was made for whether the runtime can now pull from them. It rolls nothing back. */
@FunctionalInterface
public interface Prover {
    /** Where no runtime is talked to. */
    Prover NONE = (order, outcomes) -> List.of();

    /** @return one outcome for each registry that was tried, {@code PROVEN} or {@code UNPROVEN} */
    List<Outcome> prove(Order order, List<Outcome> outcomes);
}
