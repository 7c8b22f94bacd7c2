package io.farrier.cli;

import io.farrier.reconcile.Order;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "apply",
        description =
                "Make the node as configured. An order by hand: it works whatever 'mode' says, and is refused only"
                        + " while the node is paused. Where the agent runs, the agent does it.")
final class ApplyVerb extends Verb {
    @Mixin
    NodeOptions node = new NodeOptions();

    @Option(
            names = "--allow-removal",
            description = "also take away what farrier put on the node and the configuration no longer names")
    boolean allowRemoval;

    @Override
    public Integer call() throws Exception {
        return Outcomes.of(
                        node,
                        allowRemoval ? io.farrier.agent.Verb.APPLY_ALLOWING_REMOVAL : io.farrier.agent.Verb.APPLY,
                        assembly -> assembly.keeper().keep(order()))
                .show(screen(), wantsJson());
    }

    private Order order() {
        return allowRemoval ? NodeOptions.order().allowingRemoval() : NodeOptions.order();
    }
}
