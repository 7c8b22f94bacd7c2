package io.farrier.check;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.finding.Finding;
import io.farrier.image.RegistryHost;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Which registries does the configuration use without protection? It stays a finding for as long as it is so. */
public final class InsecureConfigurationCheck implements Check {
    private final Supplier<FarrierConfig> config;

    public InsecureConfigurationCheck(Supplier<FarrierConfig> config) {
        this.config = config;
    }

    @Override
    public String name() {
        return "insecure registries of the configuration";
    }

    @Override
    public List<Finding> run(Instant now) {
        List<Finding> findings = new ArrayList<>();
        config.get().registries().stream()
                .filter(Registry::insecure)
                .forEach(registry -> findings.add(Catalogue.insecureByConfiguration(registry.host(), now)));
        config.get().mirrors().values().stream()
                .flatMap(mirror -> mirror.endpoints().stream())
                .filter(endpoint -> "http".equals(endpoint.getScheme()))
                .map(InsecureConfigurationCheck::host)
                .distinct()
                .filter(host -> !isInsecure(host))
                .forEach(host -> findings.add(Catalogue.plainMirror(host, now)));
        return findings;
    }

    private boolean isInsecure(RegistryHost host) {
        return config.get().registries().stream()
                .anyMatch(registry -> registry.insecure() && registry.host().equals(host));
    }

    private static RegistryHost host(URI endpoint) {
        String port = endpoint.getPort() < 0 ? "" : ":" + endpoint.getPort();
        return RegistryHost.parse(endpoint.getHost() + port);
    }
}
