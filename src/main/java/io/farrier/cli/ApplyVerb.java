package io.farrier.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "apply",
        description =
                "Make the node as configured. An order by hand: it works whatever 'mode' says, and is refused only"
                        + " while the node is paused. Where the agent runs, the agent does it.")
final class ApplyVerb extends Verb {
    @Mixin
    NodeOptions node = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        return Outcomes.of(
                        node,
                        io.farrier.agent.Verb.APPLY,
                        assembly -> assembly.keeper().keep(NodeOptions.order()))
                .show(screen(), wantsJson());
    }
}
