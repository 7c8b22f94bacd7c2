package io.farrier.cli;

import picocli.CommandLine.Command;

@Command(name = "agent")
final class AgentVerb extends Verb {
    @Override
    public Integer call() {
        return 0;
    }
}
