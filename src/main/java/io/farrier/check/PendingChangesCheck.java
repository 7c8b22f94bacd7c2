package io.farrier.check;

import io.farrier.finding.Finding;
import io.farrier.plan.NodePlan;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/** Is the node as configured? One finding for each change that waits (SAFETY 1), is held back, or cannot be made. */
public final class PendingChangesCheck implements Check {
    private final PlanSource plans;

    public PendingChangesCheck(PlanSource plans) {
        this.plans = plans;
    }

    /** Plans without writing. */
    @FunctionalInterface
    public interface PlanSource {
        NodePlan plan() throws IOException;
    }

    @Override
    public String name() {
        return "pending changes";
    }

    @Override
    public List<Finding> run(Instant now) throws IOException {
        return Catalogue.changes(plans.plan(), now);
    }
}
