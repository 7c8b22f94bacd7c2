package io.farrier.reconcile;

import io.farrier.plan.NodePlan;
import io.farrier.plan.Outcome;
import java.io.IOException;
import java.util.List;

/** Makes the node right and proves it. {@code farrier plan}, {@code farrier apply} and the agent's lane share this object. */
public final class Keeper {
    /** Observes and plans; writes nothing, takes no lock. */
    public NodePlan plan() throws IOException {
        throw new UnsupportedOperationException("being built");
    }

    /** Under the node lock: finishes or undoes an interrupted change, then plans and applies. */
    public List<Outcome> keep() throws IOException {
        throw new UnsupportedOperationException("being built");
    }

    /** Gives back what was there before farrier, and marks the node released until the next apply by hand. */
    public List<Outcome> restore() throws IOException {
        throw new UnsupportedOperationException("being built");
    }
}
