package io.farrier.check;

import io.farrier.config.InvalidConfigException;
import io.farrier.finding.Finding;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Is the configuration on disk one that farrier can follow? */
public final class ConfigurationCheck implements Check {
    private final Supplier<Optional<InvalidConfigException>> rejection;

    /** @param rejection why the latest reading failed; empty when it did not */
    public ConfigurationCheck(Supplier<Optional<InvalidConfigException>> rejection) {
        this.rejection = rejection;
    }

    @Override
    public String name() {
        return "the configuration";
    }

    @Override
    public List<Finding> run(Instant now) {
        return rejection.get().map(rejected -> Catalogue.configRejected(rejected, now)).stream()
                .toList();
    }
}
