package io.farrier.cli;

import io.farrier.assembly.Assembly;
import io.farrier.feed.Facts;
import io.farrier.plan.NodePlan;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "plan",
        description =
                "Show what apply would change, and touch nothing. Exits 0 when nothing is to be done, 2 when changes"
                        + " are pending, 4 when all is written and waits for a restart.")
final class PlanVerb extends Verb {
    @Mixin
    NodeOptions node = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        try (Assembly assembly = node.assembly()) {
            NodePlan plan = assembly.keeper().plan(NodeOptions.order());
            if (wantsJson()) {
                screen().json(Facts.plan(plan));
            } else {
                new PlanScreen(screen()).show(plan);
            }
            return exitCode(plan);
        }
    }

    static int exitCode(NodePlan plan) {
        if (plan.files().stream().anyMatch(file -> file.refusal().isPresent())) {
            return ExitCode.REFUSED;
        }
        if (plan.isNoop()) {
            return ExitCode.DONE;
        }
        boolean onlyWaits = plan.files().stream()
                .filter(file -> !file.isNoop())
                .allMatch(file -> file.isWaiting() && file.withheld().isEmpty());
        return onlyWaits ? ExitCode.REFUSED : ExitCode.PENDING;
    }
}
