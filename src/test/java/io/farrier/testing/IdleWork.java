package io.farrier.testing;

import io.farrier.agent.Configuration;
import io.farrier.agent.NodeWork;
import io.farrier.check.CheckResult;
import io.farrier.config.FarrierConfig;
import io.farrier.images.PullBoard;
import io.farrier.plan.NodePlan;
import io.farrier.plan.Outcome;
import io.farrier.reconcile.Order;
import io.farrier.sample.ImageStatus;
import io.farrier.sample.NodeSample;
import io.farrier.sample.RegistryStatus;
import java.util.List;

/** A configuration that never changes, and a node on which nothing is to be done. */
public final class IdleWork
        implements Configuration, NodeWork.Changes, NodeWork.Images, NodeWork.Checks, NodeWork.Vitals {
    private final FarrierConfig config;
    private final NodeSample sample;

    public IdleWork(FarrierConfig config, NodeSample sample) {
        this.config = config;
        this.sample = sample;
    }

    @Override
    public String fingerprint() {
        return "always the same";
    }

    @Override
    public FarrierConfig load() {
        return config;
    }

    @Override
    public NodeWork furnish(FarrierConfig any) {
        return new NodeWork(this, this, this, this);
    }

    @Override
    public NodePlan plan(Order order) {
        return new NodePlan(List.of());
    }

    @Override
    public List<Outcome> keep(Order order) {
        return List.of();
    }

    @Override
    public List<Outcome> restore(Order order) {
        return List.of();
    }

    @Override
    public List<ImageStatus> check() {
        return List.of();
    }

    @Override
    public List<ImageStatus> keep(PullBoard board) {
        return List.of();
    }

    @Override
    public List<CheckResult> results() {
        return List.of();
    }

    @Override
    public List<RegistryStatus> registries() {
        return List.of();
    }

    @Override
    public NodeSample sample() {
        return sample;
    }

    @Override
    public String stamp() {
        return "";
    }
}
