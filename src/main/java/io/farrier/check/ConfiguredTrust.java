package io.farrier.check;

import io.farrier.config.FarrierConfig;
import io.farrier.image.RegistryHost;
import io.farrier.registry.Door;
import io.farrier.registry.Registry;
import io.farrier.registry.RegistryProbe;
import java.util.function.Function;

/** Whether a registry would be trusted with what the configuration says of it: for runtimes that cannot be looked into. */
public final class ConfiguredTrust implements RegistryQuestion {
    private final Function<RegistryHost, Registry> registries;
    private final RegistryProbe probe;

    public ConfiguredTrust(Function<RegistryHost, Registry> registries, RegistryProbe probe) {
        this.registries = registries;
        this.probe = probe;
    }

    @Override
    public Verdict ask(FarrierConfig.Registry configured) {
        return Verdict.of(probe.examine(Door.of(registries.apply(configured.host()))));
    }
}
