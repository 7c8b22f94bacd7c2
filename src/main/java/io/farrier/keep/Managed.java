package io.farrier.keep;

import io.farrier.config.FarrierConfig.KeptFile;
import io.farrier.config.FarrierConfig.Manage;
import io.farrier.ledger.Ledger;
import io.farrier.plan.Allowance;
import io.farrier.plan.Change;
import io.farrier.plan.Claim;
import io.farrier.plan.FilePlan;
import io.farrier.plan.Reason;
import io.farrier.plan.Resource;
import io.farrier.plan.ResourceName;
import io.farrier.plan.Withheld;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/** A kept file of which the configuration says to whom it belongs (SAFETY 6). What is farrier's in it stays known. */
public final class Managed<S> implements Resource<Managed.Seen<S>> {
    private final Resource<S> resource;
    private final KeptFile file;
    private final Manage manage;
    private final Ledger ledger;

    public Managed(Resource<S> resource, KeptFile file, Manage manage, Ledger ledger) {
        this.resource = resource;
        this.file = file;
        this.manage = manage;
        this.ledger = ledger;
    }

    /** @param ours what farrier put there before */
    public record Seen<S>(S state, SortedSet<Claim> ours) {}

    @Override
    public ResourceName name() {
        return resource.name();
    }

    @Override
    public List<Path> watched() {
        return manage == Manage.OFF ? List.of() : resource.watched();
    }

    @Override
    public Seen<S> observe() throws IOException {
        return new Seen<>(resource.observe(), ledger.ownership(name()).claims());
    }

    @Override
    public FilePlan plan(Seen<S> seen, Allowance allowance) {
        return switch (manage) {
            case AUTO, OWN -> resource.plan(seen.state(), allowance);
            case REPORT -> resource.plan(seen.state(), this::report);
            case OFF -> new FilePlan(name(), List.of(), List.of(), List.of(), Optional.empty(), seen.ours());
        };
    }

    private Optional<Withheld> report(Change change) {
        return Optional.of(new Withheld(
                change,
                "'manage' says 'report' for " + file.word() + ". Write it where that file comes from.",
                List.of()));
    }

    @Override
    public Optional<Reason> objection(FilePlan plan) throws IOException {
        return resource.objection(plan);
    }

    @Override
    public FilePlan planRestore(Seen<S> seen) {
        return resource.planRestore(seen.state());
    }
}
