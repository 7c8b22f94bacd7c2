package io.farrier.check;

import io.farrier.config.FarrierConfig;
import io.farrier.finding.Finding;
import io.farrier.pki.Certificate;
import io.farrier.pki.Certificates;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Which configured CAs expire within 60 days? The finding grows more severe at 30 and 7. */
public final class CaExpiryCheck implements Check {
    private static final Duration AHEAD = Duration.ofDays(60);

    private final Supplier<FarrierConfig> config;

    public CaExpiryCheck(Supplier<FarrierConfig> config) {
        this.config = config;
    }

    @Override
    public String name() {
        return "the expiry of CAs";
    }

    @Override
    public List<Finding> run(Instant now) {
        List<Finding> findings = new ArrayList<>();
        config.get()
                .registries()
                .forEach(registry -> registry.ca()
                        .ifPresent(
                                pem -> findings.addAll(expiring(registry.host().value(), pem, now))));
        config.get()
                .collector()
                .flatMap(FarrierConfig.CollectorLink::ca)
                .ifPresent(pem -> findings.addAll(expiring("the collector", pem, now)));
        return findings;
    }

    private static List<Finding> expiring(String owner, byte[] pem, Instant now) {
        return Certificates.parsePem(pem).stream()
                .filter(ca -> isNear(ca, now))
                .map(ca -> Catalogue.caExpires(owner, ca, now))
                .toList();
    }

    private static boolean isNear(Certificate ca, Instant now) {
        return !ca.notAfter().isAfter(now.plus(AHEAD));
    }
}
