package io.farrier.agent;

import io.farrier.check.CheckResult;
import io.farrier.images.PullBoard;
import io.farrier.plan.NodePlan;
import io.farrier.plan.Outcome;
import io.farrier.reconcile.Keeper;
import io.farrier.reconcile.Order;
import io.farrier.sample.ImageStatus;
import io.farrier.sample.NodeSample;
import io.farrier.sample.RegistryStatus;
import io.farrier.vitals.OwnCost;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * What the lanes do, made by {@code assembly} for one configuration. Each is called by its own lane only, so that one
 * that hangs or fails leaves the others alone. The uplink is given none of them.
 */
public record NodeWork(Changes changes, Images images, Checks checks, Vitals vitals) {
    /** {@code reconcile.Keeper}. */
    public interface Changes {
        /** Writes nothing. */
        NodePlan plan(Order order) throws IOException;

        List<Outcome> keep(Order order) throws IOException;

        List<Outcome> restore(Order order) throws IOException;

        /** What waits for an order since farrier was upgraded. */
        default Optional<Keeper.Upgrade> upgrade() throws IOException {
            return Optional.empty();
        }

        /** Differs whenever somebody wrote a file that is kept. */
        String stamp() throws IOException;
    }

    /** {@code images.ImageKeeper}. */
    public interface Images {
        List<ImageStatus> check() throws IOException;

        /** Pulls what is missing. */
        List<ImageStatus> keep(PullBoard board) throws IOException;

        /** Holds what is here against the garbage collector. */
        default void hold(List<ImageStatus> images) throws IOException {}
    }

    /** {@code check.Doctor}. */
    public interface Checks {
        List<CheckResult> results() throws IOException;

        List<RegistryStatus> registries() throws IOException;

        /** Ends the threads that check; called when another configuration takes over. */
        default void close() {}
    }

    /** {@code vitals.Vitals}. */
    public interface Vitals {
        NodeSample sample() throws IOException;

        /** What the agent itself costs; empty where nobody measures it. */
        default Optional<OwnCost.Sample> own() throws IOException {
            return Optional.empty();
        }
    }
}
