package io.farrier.reconcile;

import io.farrier.plan.Allowance;
import io.farrier.plan.FilePlan;
import io.farrier.plan.Reason;
import io.farrier.plan.Resource;
import io.farrier.plan.ResourceName;

/** Stands for a runtime's files while a node has none: what is configured for them is refused, never dropped. */
public final class NoRuntime implements Resource<Boolean> {
    private static final ResourceName NAME = new ResourceName("node/registries");

    private final boolean isWanted;
    private final String tried;

    /**
     * @param isWanted whether the configuration asks for anything here
     * @param tried the sockets that were looked for
     */
    public NoRuntime(boolean isWanted, String tried) {
        this.isWanted = isWanted;
        this.tried = tried;
    }

    @Override
    public ResourceName name() {
        return NAME;
    }

    @Override
    public Boolean observe() {
        return isWanted;
    }

    @Override
    public FilePlan plan(Boolean wanted, Allowance allowance) {
        Reason reason = new Reason(
                "Tried to plan " + NAME,
                "there is no container runtime: tried " + tried + ".",
                "farrier changed nothing.");
        return wanted ? FilePlan.refused(NAME, reason) : FilePlan.noop(NAME);
    }

    @Override
    public FilePlan planRestore(Boolean wanted) {
        return FilePlan.noop(NAME);
    }
}
