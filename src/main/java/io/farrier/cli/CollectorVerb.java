package io.farrier.cli;

import io.farrier.assembly.RunningCollector;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "collector",
        description = "Run the collector: receive the agents' feeds, keep them, show them. Ends by SIGTERM.")
final class CollectorVerb extends Verb {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            defaultValue = CollectorOptions.DEFAULT,
            description = "the collector's configuration (default: " + CollectorOptions.DEFAULT + ")")
    Path config = Path.of(CollectorOptions.DEFAULT);

    @Option(
            names = "--san",
            paramLabel = "NAME",
            description = "a further name or address for the certificate, besides 'names' and this machine's own")
    List<String> sans = List.of();

    @Override
    public Integer call() throws Exception {
        Journal.open(screen().err(), System.getenv("JOURNAL_STREAM") != null);
        try (Daemon life = Daemon.begin();
                RunningCollector collector = RunningCollector.start(config, sans)) {
            screen().line("The collector listens on " + collector.address() + ".");
            screen().line("Agents: token_file " + collector.agentToken() + ", sha256 " + collector.pin() + ".");
            screen().line("Page: sign in with the content of " + collector.viewerToken() + ".");
            life.untilTold();
        }
        return ExitCode.DONE;
    }
}
