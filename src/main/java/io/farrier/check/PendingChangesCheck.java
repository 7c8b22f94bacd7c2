package io.farrier.check;

import io.farrier.finding.Finding;
import io.farrier.plan.FilePlan;
import io.farrier.plan.NodePlan;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
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
        List<Finding> findings = new ArrayList<>();
        for (FilePlan file : plans.plan().files()) {
            file.changes().forEach(change -> findings.add(Catalogue.changePending(file.resource(), change, now)));
            file.withheld().forEach(held -> findings.add(Catalogue.changeWithheld(file.resource(), held, now)));
            file.refusal().ifPresent(reason -> findings.add(Catalogue.changeRefused(file, reason, now)));
        }
        return findings;
    }
}
