package io.farrier.cli;

import io.farrier.assembly.Assembly;
import io.farrier.feed.Facts;
import io.farrier.plan.Outcome;
import java.util.List;
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
        List<Outcome> outcomes;
        try (Assembly assembly = node.assembly()) {
            outcomes = assembly.keeper().restore(NodeOptions.order());
        }
        if (wantsJson()) {
            screen().json(Facts.outcomes(outcomes));
        } else {
            new PlanScreen(screen()).show(outcomes);
        }
        return ApplyVerb.exitCode(outcomes);
    }
}
