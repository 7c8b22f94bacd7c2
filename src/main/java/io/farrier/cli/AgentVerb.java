package io.farrier.cli;

import io.farrier.assembly.RunningAgent;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = AgentVerb.NAME,
        description = "Run the agent: keep this node as configured, and report. Ends by SIGTERM.")
final class AgentVerb extends Verb {
    static final String NAME = "agent";
    private static final String CONFIG = "--config";

    @Option(
            names = CONFIG,
            paramLabel = "FILE",
            defaultValue = "/etc/farrier/farrier.yaml",
            description = "the node's configuration (default: /etc/farrier/farrier.yaml)")
    Path config = Path.of("/etc/farrier/farrier.yaml");

    /**
     * {@code agent} and {@code agent --config FILE}, as units say it; empty for all that picocli has to look at, for which it
     * needs a tenth of the agent's start.
     */
    static Optional<AgentVerb> asUnitsSayIt(List<String> words) {
        if (words.equals(List.of(NAME))) {
            return Optional.of(new AgentVerb());
        }
        boolean hasFile = words.size() == 3 && words.subList(0, 2).equals(List.of(NAME, CONFIG));
        if (!hasFile || isSpecial(words.get(2))) {
            return Optional.empty();
        }
        AgentVerb verb = new AgentVerb();
        verb.config = Path.of(words.get(2));
        return Optional.of(verb);
    }

    /** An option, a file of arguments, or nothing. */
    private static boolean isSpecial(String word) {
        return word.isEmpty() || word.startsWith("-") || word.startsWith("@");
    }

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
