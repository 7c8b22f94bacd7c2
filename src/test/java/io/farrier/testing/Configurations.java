package io.farrier.testing;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.config.Mode;
import io.farrier.image.RegistryHost;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Configurations for tests, without YAML. */
public final class Configurations {
    public static final Path STATE_DIR = Path.of("/var/lib/farrier");

    private Configurations() {}

    public static FarrierConfig of(List<Registry> registries) {
        return of(registries, Map.of(), Map.of());
    }

    public static FarrierConfig of(
            List<Registry> registries, Map<String, FarrierConfig.Mirror> mirrors, Map<String, Object> daemonJson) {
        return new FarrierConfig(
                Mode.KEEP,
                new FarrierConfig.Node("n1", FarrierConfig.Distribution.DOCKER, Map.of(), Optional.empty()),
                registries,
                mirrors,
                new FarrierConfig.Docker(new LinkedHashMap<>(daemonJson)),
                new FarrierConfig.Images(
                        Optional.empty(),
                        List.of(),
                        List.of(),
                        List.of(),
                        Optional.empty(),
                        1,
                        FarrierConfig.Pulls.DEFAULT),
                new FarrierConfig.Runtime(FarrierConfig.Restart.NEVER, Optional.empty()),
                Optional.empty(),
                new FarrierConfig.Logs(List.of(), List.of(), List.of(), List.of(), List.of(), holding(0)),
                new FarrierConfig.Intervals(60, 30, 600),
                new FarrierConfig.Changes(false, 6, false, Optional.empty()),
                Map.of(),
                FarrierConfig.Findings.DEFAULT,
                FarrierConfig.Budget.DEFAULT,
                STATE_DIR);
    }

    /** A node that ships all lines to a collector and does nothing else. */
    public static FarrierConfig shipping(Path stateDir, FarrierConfig.CollectorLink link, long holdBytes) {
        FarrierConfig base = of(List.of());
        return new FarrierConfig(
                base.mode(),
                base.node(),
                base.registries(),
                base.mirrors(),
                base.docker(),
                base.images(),
                base.runtime(),
                Optional.of(link),
                new FarrierConfig.Logs(List.of(), List.of(), List.of(), List.of(), List.of(), holding(holdBytes)),
                base.intervals(),
                base.changes(),
                base.manage(),
                base.findings(),
                FarrierConfig.Budget.DEFAULT,
                stateDir);
    }

    private static FarrierConfig.LogBounds holding(long bytes) {
        FarrierConfig.LogBounds bounds = FarrierConfig.LogBounds.DEFAULT;
        return new FarrierConfig.LogBounds(bytes, bounds.historyBytes(), bounds.nodeRate(), bounds.logRate());
    }

    public static Registry trusted(String host, byte[] ca) {
        return new Registry(
                RegistryHost.parse(host), Optional.of(ca), Optional.empty(), Optional.empty(), false, Optional.empty());
    }

    public static Registry insecure(String host) {
        return new Registry(
                RegistryHost.parse(host), Optional.empty(), Optional.empty(), Optional.empty(), true, Optional.empty());
    }

    public static Map<String, FarrierConfig.Mirror> mirror(String upstream, String... urls) {
        return Map.of(
                upstream,
                new FarrierConfig.Mirror(List.of(urls).stream().map(URI::create).toList(), Map.of()));
    }
}
