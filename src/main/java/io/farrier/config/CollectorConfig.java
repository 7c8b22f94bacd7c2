package io.farrier.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code collector.yaml}.
 *
 * @param packages folder whose files it hands out to nodes that are being installed
 */
public record CollectorConfig(
        Listen listen,
        List<String> names,
        Path stateDir,
        Path packages,
        Retention retention,
        Optional<OwnCertificate> tls) {
    public CollectorConfig {
        names = List.copyOf(names);
    }
    /** @param host empty for all addresses */
    public record Listen(String host, int port) {}

    /** Lines older than {@code days} go; beyond {@code maxBytes} of disk the node that has most gives its oldest. */
    public record Retention(int days, long maxBytes) {}

    /** A certificate the operator brings; read again when the files change. */
    public record OwnCertificate(Path cert, Path key) {}

    /** The same with further names for the certificate. */
    public CollectorConfig withNames(List<String> further) {
        List<String> all = new ArrayList<>(names);
        all.addAll(further);
        return new CollectorConfig(listen, all, stateDir, packages, retention, tls);
    }
}
