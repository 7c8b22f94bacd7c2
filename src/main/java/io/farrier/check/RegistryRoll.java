package io.farrier.check;

import io.farrier.config.FarrierConfig;
import io.farrier.image.RegistryHost;
import io.farrier.pki.Certificate;
import io.farrier.pki.Certificates;
import io.farrier.pki.InvalidPemException;
import io.farrier.plan.Change;
import io.farrier.plan.FilePlan;
import io.farrier.plan.NodePlan;
import io.farrier.plan.Withheld;
import io.farrier.sample.RegistryStatus;
import io.farrier.sample.RegistryStatus.Trust;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where each configured registry stands: kept as configured or not, and what this node's runtime makes of it. */
public final class RegistryRoll {
    private final FarrierConfig config;
    private final PendingChangesCheck.PlanSource plans;
    private final RegistryQuestion question;

    public RegistryRoll(FarrierConfig config, PendingChangesCheck.PlanSource plans, RegistryQuestion question) {
        this.config = config;
        this.plans = plans;
        this.question = question;
    }

    public List<RegistryStatus> call() throws IOException {
        if (config.registries().isEmpty()) {
            return List.of();
        }
        NodePlan plan = plans.plan();
        return config.registries().stream()
                .map(registry -> new RegistryStatus(
                        registry.host().value(),
                        trust(registry.host(), plan),
                        registry.insecure(),
                        verdict(registry),
                        caExpires(registry).map(Instant::toString)))
                .toList();
    }

    private static Trust trust(RegistryHost host, NodePlan plan) {
        if (plan.files().stream().anyMatch(file -> file.refusal().isPresent())) {
            return Trust.UNKNOWN;
        }
        return plan.files().stream()
                        .flatMap(RegistryRoll::wanted)
                        .anyMatch(change -> change.about().equals(Optional.of(host)))
                ? Trust.PENDING
                : Trust.KEPT;
    }

    private static Stream<Change> wanted(FilePlan file) {
        return Stream.concat(file.changes().stream(), file.withheld().stream().map(Withheld::change));
    }

    private String verdict(FarrierConfig.Registry registry) {
        try {
            return question.ask(registry).sentence();
        } catch (IOException unasked) {
            return Catalogue.message(unasked);
        }
    }

    private static Optional<Instant> caExpires(FarrierConfig.Registry registry) {
        try {
            return registry.ca().isEmpty()
                    ? Optional.empty()
                    : Certificates.parsePem(registry.ca().get()).stream()
                            .map(Certificate::notAfter)
                            .min(Comparator.naturalOrder());
        } catch (InvalidPemException checkedByConfig) {
            return Optional.empty();
        }
    }
}
