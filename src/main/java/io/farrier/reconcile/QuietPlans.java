package io.farrier.reconcile;

import io.farrier.plan.Allowance;
import io.farrier.plan.FilePlan;
import io.farrier.plan.Resource;
import io.farrier.plan.ResourceName;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The last plan of each resource, if there was nothing to do. Planning is pure: what is observed as it was then has the same
 * plan again, whatever is allowed, because nothing had to be asked.
 */
final class QuietPlans {
    private record Quiet(Object observed, FilePlan plan) {}

    private final Map<ResourceName, Quiet> plans = new ConcurrentHashMap<>();

    <S> FilePlan plan(Resource<S> resource, Allowance allowance) throws IOException {
        S observed = resource.observe();
        Quiet last = plans.get(resource.name());
        if (last != null && last.observed().equals(observed)) {
            return last.plan();
        }
        FilePlan plan = resource.plan(observed, allowance);
        if (plan.isNoop()) {
            plans.put(resource.name(), new Quiet(observed, plan));
        } else {
            plans.remove(resource.name());
        }
        return plan;
    }
}
