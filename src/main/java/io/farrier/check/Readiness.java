package io.farrier.check;

import io.farrier.finding.Finding;
import io.farrier.finding.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Whether pods can start on a node: its runtime answers and is configured, its registries are trusted, nothing failed to be
 * proven, its images are there. What stands against it, one sentence each; empty when it is ready.
 */
public record Readiness(List<String> waitsFor) {
    /** A warning of another kind, such as a CA that expires in a month, keeps no pod from starting. */
    private static final Set<String> MATTER = Set.of("runtime", "change", "restart", "registry", "image", "check");

    public Readiness {
        waitsFor = List.copyOf(waitsFor);
    }

    /** @param unproven registries from which the last pull that was to prove a change did not work */
    public static Readiness of(List<Finding> findings, List<String> unproven) {
        List<String> waits = new ArrayList<>();
        findings.stream().filter(Readiness::matters).map(Finding::title).forEach(waits::add);
        unproven.forEach(registry -> waits.add("the last change for " + registry + " was not proven by a pull"));
        return new Readiness(waits);
    }

    public static Readiness not(String because) {
        return new Readiness(List.of(because));
    }

    public boolean isReady() {
        return waitsFor.isEmpty();
    }

    private static boolean matters(Finding finding) {
        String code = finding.key().code();
        boolean isInsecure = code.equals("registry.insecure");
        return finding.severity() != Severity.INFO
                && !isInsecure
                && MATTER.contains(code.substring(0, code.indexOf('.')));
    }
}
