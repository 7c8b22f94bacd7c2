package io.farrier.logs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which units' lines in systemd's journal leave the node: those of Kubernetes and its runtimes, and what the configuration
 * names. An exclusion wins over everything.
 */
public final class UnitScope {
    /** In the order in which a node brings them up. */
    private static final List<String> BY_DEFAULT = List.of(
            "containerd.service",
            "docker.service",
            "kubelet.service",
            "k3s.service",
            "k3s-agent.service",
            "rke2-server.service",
            "rke2-agent.service");

    private final Map<String, String> becauseOf = new LinkedHashMap<>();
    private final List<String> exclude;

    /** @param units full names, beside those by default */
    public UnitScope(List<String> units, List<String> exclude) {
        BY_DEFAULT.forEach(unit -> becauseOf.put(unit, "it is a part of Kubernetes or its runtime"));
        units.forEach(unit -> becauseOf.putIfAbsent(unit, "logs.units has '" + unit + "'"));
        this.exclude = List.copyOf(exclude);
    }

    /** All that may come into question, and which rule decided. */
    public Map<String, LogScope.Decision> decisions() {
        Map<String, LogScope.Decision> decisions = new LinkedHashMap<>();
        becauseOf.forEach((unit, because) -> decisions.put(
                unit,
                excludedBy(unit)
                        .map(pattern -> new LogScope.Decision(false, "logs.exclude has '" + pattern + "'"))
                        .orElseGet(() -> new LogScope.Decision(true, because))));
        return decisions;
    }

    /** The units whose lines are shipped. */
    public List<String> shipped() {
        List<String> shipped = new ArrayList<>();
        decisions().forEach((unit, decision) -> {
            if (decision.ships()) {
                shipped.add(unit);
            }
        });
        return shipped;
    }

    private Optional<String> excludedBy(String unit) {
        return exclude.stream()
                .filter(pattern -> Glob.matchesWithinParts(pattern, unit))
                .findFirst();
    }
}
