package io.farrier.cli;

import io.farrier.assembly.RunningAgent;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "agent", description = "Run the agent: keep this node as configured, and report. Ends by SIGTERM.")
final class AgentVerb extends Verb {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            defaultValue = "/etc/farrier/farrier.yaml",
            description = "the node's configuration (default: /etc/farrier/farrier.yaml)")
    Path config = Path.of("/etc/farrier/farrier.yaml");

    @Override
    public Integer call() throws Exception {
        Journal.open(screen().err(), System.getenv("JOURNAL_STREAM") != null);
        try (Daemon life = Daemon.begin();
                RunningAgent agent = RunningAgent.start(config)) {
            life.untilTold();
        }
        return ExitCode.DONE;
    }
}
