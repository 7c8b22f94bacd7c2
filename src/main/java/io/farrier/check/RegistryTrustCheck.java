package io.farrier.check;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.config.Mode;
import io.farrier.finding.Finding;
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

    public RegistryTrustCheck(Supplier<FarrierConfig> config, RegistryQuestion question) {
        this.config = config;
        this.question = question;
    }

    @Override
    public String name() {
        return "the trust in registries";
    }

    /** Each registry by itself: one that hangs or breaks must not hide what is known of the others. */
    @Override
    public List<Finding> run(Instant now) {
        List<Finding> findings = new ArrayList<>();
        for (Registry registry : config.get().registries()) {
            if (!registry.mode().equals(Optional.of(Mode.OFF))) {
                finding(registry, now).ifPresent(findings::add);
            }
        }
        return findings;
    }

    private Optional<Finding> finding(Registry registry, Instant now) {
        RegistryQuestion.Verdict verdict = ask(registry);
        return switch (verdict.answer()) {
            case TRUSTED -> Optional.empty();
            case UNTRUSTED -> Optional.of(Catalogue.registryUntrusted(registry, verdict, now));
            case UNKNOWN -> Optional.of(Catalogue.registryUnknown(registry, verdict, now));
        };
    }

    private RegistryQuestion.Verdict ask(Registry registry) {
        try {
            return question.ask(registry);
        } catch (IOException unasked) {
            return new RegistryQuestion.Verdict(RegistryQuestion.Answer.UNKNOWN, Catalogue.message(unasked));
        }
    }
}
