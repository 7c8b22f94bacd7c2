package io.farrier.check;

import io.farrier.finding.Finding;
import io.farrier.runtime.RuntimeUnavailableException;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/** Does the container runtime answer? */
public final class RuntimeCheck implements Check {
    private final RuntimeQuestion runtime;
    private final String unit;

    /** @param unit the systemd unit to look at: {@code docker}, {@code containerd}, {@code k3s}, {@code rke2-agent} */
    public RuntimeCheck(RuntimeQuestion runtime, String unit) {
        this.runtime = runtime;
        this.unit = unit;
    }

    @Override
    public String name() {
        return "the container runtime";
    }

    @Override
    public List<Finding> run(Instant now) throws IOException {
        try {
            runtime.ask();
            return List.of();
        } catch (RuntimeUnavailableException silent) {
            return List.of(Catalogue.runtimeUnreachable(unit, silent, now));
        }
    }
}
