package io.farrier.check;

import io.farrier.config.FarrierConfig;
import io.farrier.image.RegistryHost;
import io.farrier.registry.Registry;
import io.farrier.registry.RegistryLook;
import java.util.function.Function;

/** Whether a registry would be trusted with what the configuration says of it: for runtimes that cannot be looked into. */
public final class ConfiguredTrust implements RegistryQuestion {
    private final Function<RegistryHost, Registry> registries;
    private final RegistryLook look;

    public ConfiguredTrust(Function<RegistryHost, Registry> registries, RegistryLook look) {
        this.registries = registries;
        this.look = look;
    }

    @Override
    public Verdict ask(FarrierConfig.Registry configured) {
        return Verdict.of(look.at(registries.apply(configured.host())));
    }
}
