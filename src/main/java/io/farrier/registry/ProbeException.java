package io.farrier.registry;

import java.io.IOException;
import java.util.List;

/** Something on the way to a registry failed; it says how a runtime would put it. */
final class ProbeException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient List<RegistryFault> faults;

    ProbeException(List<RegistryFault> faults) {
        super(faults.get(0).sentence());
        this.faults = List.copyOf(faults);
    }

    ProbeException(RegistryFault fault) {
        this(List.of(fault));
    }

    /** At least one; the first is the one a runtime stops at. */
    List<RegistryFault> faults() {
        return faults;
    }
}
