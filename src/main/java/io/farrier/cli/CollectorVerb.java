package io.farrier.cli;

import io.farrier.assembly.RunningCollector;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "collector",
        description = "Run the collector: receive the agents' feeds, keep them, show them. Ends by SIGTERM.")
final class CollectorVerb extends Verb {
    @Mixin
    CollectorOptions collector = new CollectorOptions();

    @Option(
            names = "--san",
            paramLabel = "NAME",
            description = "a further name or address for the certificate, besides 'names' and this machine's own")
    List<String> sans = List.of();

    @Override
    public Integer call() throws Exception {
        Journal.open(screen().err(), System.getenv("JOURNAL_STREAM") != null);
        try (Daemon life = Daemon.begin();
                RunningCollector running = RunningCollector.start(collector.config, sans)) {
            screen().line("The collector listens on " + running.address() + ".");
            screen().line("Agents: token_file " + running.agentToken() + ", sha256 " + running.pin() + ".");
            screen().line("Page: sign in with the content of " + running.viewerToken() + ".");
            life.untilTold();
        }
        return ExitCode.DONE;
    }
}
