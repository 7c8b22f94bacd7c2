package io.farrier.reconcile;

import io.farrier.plan.Allowance;
import io.farrier.plan.FilePlan;
import io.farrier.plan.Reason;
import io.farrier.plan.Resource;
import io.farrier.plan.ResourceName;

/** Stands for files farrier does not keep on this kind of node: what is configured for them is refused, never dropped. */
public final class NotKeptYet implements Resource<Boolean> {
    private final ResourceName name;
    private final boolean isWanted;
    private final String because;

    /**
     * @param isWanted whether the configuration asks for anything here
     * @param because a sentence
     */
    public NotKeptYet(ResourceName name, boolean isWanted, String because) {
        this.name = name;
        this.isWanted = isWanted;
        this.because = because;
    }

    @Override
    public ResourceName name() {
        return name;
    }

    @Override
    public Boolean observe() {
        return isWanted;
    }

    @Override
    public FilePlan plan(Boolean wanted, Allowance allowance) {
        return wanted
                ? FilePlan.refused(name, new Reason("Tried to plan " + name, because, "farrier changed nothing."))
                : FilePlan.noop(name);
    }

    @Override
    public FilePlan planRestore(Boolean wanted) {
        return FilePlan.noop(name);
    }
}
