package io.farrier.cli;

import picocli.CommandLine.Command;

@Command(name = "status")
final class StatusVerb extends Verb {
    @Override
    public Integer call() {
        return 0;
    }
}
