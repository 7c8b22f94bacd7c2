package io.farrier.check;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.finding.Finding;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;

/**
 * Which images does a Docker node pull with a login that only farrier has (SAFETY 55)? The kubelet brings logins of its own,
 * and that of RKE1 writes its file anew at each start (FACTS 1.6).
 */
public final class KubeletLoginCheck implements Check {
    private final Supplier<FarrierConfig> config;
    private final boolean isDockerNode;

    public KubeletLoginCheck(Supplier<FarrierConfig> config, boolean isDockerNode) {
        this.config = config;
        this.isDockerNode = isDockerNode;
    }

    @Override
    public String name() {
        return "logins that the kubelet does not have";
    }

    @Override
    public List<Finding> run(Instant now) {
        if (!isDockerNode) {
            return List.of();
        }
        return config.get().registries().stream()
                .filter(registry -> registry.auth().isPresent() && imagesOf(registry) > 0)
                .map(registry -> Catalogue.loginIsNotTheKubelets(registry.host(), imagesOf(registry), now))
                .toList();
    }

    private long imagesOf(Registry registry) {
        return config.get().images().keep().stream()
                .filter(image -> image.registry().equals(registry.host()))
                .count();
    }
}
