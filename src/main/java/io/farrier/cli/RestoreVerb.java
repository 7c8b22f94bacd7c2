package io.farrier.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "restore",
        description =
                "Give back the files as they were before farrier. The agent then only watches, until 'farrier apply'"
                        + " or a changed configuration.")
final class RestoreVerb extends Verb {
    @Mixin
    NodeOptions node = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        return Outcomes.of(
                        node,
                        io.farrier.agent.Verb.RESTORE,
                        assembly -> assembly.keeper().restore(NodeOptions.order()))
                .show(screen(), wantsJson());
    }
}
