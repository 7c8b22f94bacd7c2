package io.farrier.cli;

import io.farrier.assembly.CollectorDesk;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which collector, of this machine, a verb works on. */
final class CollectorOptions {
    static final String DEFAULT = "/etc/farrier/collector.yaml";

    @Option(
            names = "--config",
            paramLabel = "FILE",
            defaultValue = DEFAULT,
            description = "the collector's configuration (default: " + DEFAULT + ")")
    Path config = Path.of(DEFAULT);

    CollectorDesk desk() throws IOException {
        return CollectorDesk.open(config);
    }
}
