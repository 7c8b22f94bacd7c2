package io.farrier.cli;

import io.farrier.assembly.Assembly;
import io.farrier.feed.Facts;
import io.farrier.plan.Outcome;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "apply",
        description =
                "Make the node as configured. An order by hand: it works whatever 'mode' says, and is refused only"
                        + " while the node is paused.")
final class ApplyVerb extends Verb {
    @Mixin
    NodeOptions node = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        List<Outcome> outcomes;
        try (Assembly assembly = node.assembly()) {
            outcomes = assembly.keeper().keep(NodeOptions.order());
        }
        if (wantsJson()) {
            screen().json(Facts.outcomes(outcomes));
        } else {
            new PlanScreen(screen()).show(outcomes);
        }
        return exitCode(outcomes);
    }

    /** The worst result decides. */
    static int exitCode(List<Outcome> outcomes) {
        int worst = ExitCode.DONE;
        for (Outcome outcome : outcomes) {
            worst = worse(worst, exitCode(outcome));
        }
        return worst;
    }

    private static int exitCode(Outcome outcome) {
        return switch (outcome.result()) {
            case FAILED -> ExitCode.ERROR;
            case ROLLED_BACK -> ExitCode.ROLLED_BACK;
            case REFUSED, WAITING, DIVERGED -> ExitCode.REFUSED;
            case KEPT, APPLIED -> outcome.withheld().isEmpty() ? ExitCode.DONE : ExitCode.PENDING;
        };
    }

    private static int worse(int a, int b) {
        List<Integer> fromBest =
                List.of(ExitCode.DONE, ExitCode.PENDING, ExitCode.REFUSED, ExitCode.ROLLED_BACK, ExitCode.ERROR);
        return fromBest.indexOf(a) >= fromBest.indexOf(b) ? a : b;
    }
}
