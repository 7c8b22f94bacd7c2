package io.farrier.check;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.finding.Finding;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Which registries does the runtime use without protection, although farrier's configuration does not say so? */
public final class InsecureRuntimeCheck implements Check {
    private final Supplier<FarrierConfig> config;
    private final RuntimeQuestion runtime;

    public InsecureRuntimeCheck(Supplier<FarrierConfig> config, RuntimeQuestion runtime) {
        this.config = config;
        this.runtime = runtime;
    }

    @Override
    public String name() {
        return "insecure registries of the runtime";
    }

    @Override
    public List<Finding> run(Instant now) throws IOException {
        Set<String> configured = config.get().registries().stream()
                .filter(Registry::insecure)
                .map(registry -> registry.host().value())
                .collect(Collectors.toSet());
        return runtime.ask().live().stream()
                .flatMap(live -> live.insecureRegistries().stream())
                .filter(entry -> !configured.contains(entry))
                .map(entry -> Catalogue.insecureInRuntime(entry, now))
                .toList();
    }
}
