package io.farrier.config;

import io.farrier.rules.MultiLine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
        Lines lines,
        Optional<OwnCertificate> tls) {
    public CollectorConfig {
        names = List.copyOf(names);
    }
    /** @param host empty for all addresses */
    public record Listen(String host, int port) {}

    /** Lines older than {@code days} go; beyond {@code maxBytes} of disk the node that has most gives its oldest. */
    public record Retention(int days, long maxBytes) {}

    /**
     * How log lines come and how they are shown.
     *
     * @param nodeRate bytes per second that each node may send, empty for no limit
     * @param patterns of lines that belong together, by names of their own
     * @param join which pattern is for the lines of which container
     */
    public record Lines(Optional<Long> nodeRate, Map<String, JoinPattern> patterns, Map<String, String> join) {
        public static final Lines DEFAULT = new Lines(Optional.empty(), Map.of(), Map.of());

        public Lines {
            patterns = Map.copyOf(patterns);
            join = Map.copyOf(join);
        }
    }

    /**
     * One of both is there.
     *
     * @param begin fits the first line of a record; the others go on with it
     * @param goesOn fits each line that goes on with the one before
     */
    public record JoinPattern(Optional<String> begin, Optional<String> goesOn) {
        public MultiLine compiled() {
            return begin.map(MultiLine::beginningWith).orElseGet(() -> MultiLine.goingOnWith(goesOn.orElseThrow()));
        }
    }

    /** A certificate the operator brings; read again when the files change. */
    public record OwnCertificate(Path cert, Path key) {}

    /** The same with further names for the certificate. */
    public CollectorConfig withNames(List<String> further) {
        List<String> all = new ArrayList<>(names);
        all.addAll(further);
        return new CollectorConfig(listen, all, stateDir, packages, retention, lines, tls);
    }
}
