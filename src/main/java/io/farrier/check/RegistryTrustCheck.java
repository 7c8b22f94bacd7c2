package io.farrier.check;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.config.Mode;
import io.farrier.finding.Finding;
import io.farrier.registry.ListedCas;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Would this node's runtime accept each configured registry? */
public final class RegistryTrustCheck implements Check {
    private final Supplier<FarrierConfig> config;
    private final RegistryQuestion question;
    private final Optional<CaUses> uses;

    /** @param uses where it is noted which CAs were of use; empty for whom nothing is to be noted */
    public RegistryTrustCheck(Supplier<FarrierConfig> config, RegistryQuestion question, Optional<CaUses> uses) {
        this.config = config;
        this.question = question;
        this.uses = uses;
    }

    @Override
    public String name() {
        return "the trust in registries";
    }

    /** Each registry by itself: one that hangs or breaks must not hide what is known of the others. */
    @Override
    public List<Finding> run(Instant now) throws IOException {
        List<Finding> findings = new ArrayList<>();
        for (Registry registry : config.get().registries()) {
            if (!registry.mode().equals(Optional.of(Mode.OFF))) {
                findings.addAll(findings(registry, now));
            }
        }
        return findings;
    }

    private List<Finding> findings(Registry registry, Instant now) throws IOException {
        RegistryQuestion.Verdict verdict = ask(registry);
        Optional<Finding> uncovered = uncovered(registry, verdict, now);
        List<Finding> findings = new ArrayList<>(uncovered.stream().toList());
        switch (verdict.answer()) {
            case TRUSTED -> {}
            case UNTRUSTED ->
                findings.add(Catalogue.registryUntrusted(registry, verdict, uncovered.map(Finding::key), now));
            case UNKNOWN -> findings.add(Catalogue.registryUnknown(registry, verdict, now));
        }
        return findings;
    }

    /** The node may still have the old list while the configuration has the new one already: then all looks well. */
    private Optional<Finding> uncovered(Registry registry, RegistryQuestion.Verdict verdict, Instant now)
            throws IOException {
        if (registry.ca().isEmpty()) {
            return Optional.empty();
        }
        ListedCas listed = ListedCas.of(registry.ca().get());
        if (uses.isPresent()) {
            uses.get().saw(registry.host(), listed.all(), listed.used(verdict.served(), now), false, now);
        }
        return listed.uncovered(verdict.served(), now)
                .map(served -> Catalogue.caNotCovering(registry.host(), listed.all(), served.chain(), now));
    }

    private RegistryQuestion.Verdict ask(Registry registry) {
        try {
            return question.ask(registry);
        } catch (IOException unasked) {
            return new RegistryQuestion.Verdict(RegistryQuestion.Answer.UNKNOWN, Catalogue.message(unasked));
        }
    }
}
