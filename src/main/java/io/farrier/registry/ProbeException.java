package io.farrier.registry;

import io.farrier.pki.ServerChain;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Something on the way to a registry failed; it says how a runtime would put it. */
final class ProbeException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient List<RegistryFault> faults;
    private final transient Optional<ServerChain> chain;

    ProbeException(List<RegistryFault> faults) {
        this(faults, Optional.empty());
    }

    /** @param chain that was shown, and that something is wrong with */
    ProbeException(List<RegistryFault> faults, Optional<ServerChain> chain) {
        super(faults.get(0).sentence());
        this.faults = List.copyOf(faults);
        this.chain = chain;
    }

    ProbeException(RegistryFault fault) {
        this(List.of(fault));
    }

    /** At least one; the first is the one a runtime stops at. */
    List<RegistryFault> faults() {
        return faults;
    }

    /** What was shown; empty where it did not come to that. */
    Optional<ServerChain> chain() {
        return chain;
    }
}
