package io.farrier.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.farrier.assembly.Assembly;
import io.farrier.feed.Facts;
import io.farrier.plan.NodePlan;
import io.farrier.reconcile.HandScript;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

@Command(
        name = "plan",
        description =
                "Show what apply would change, and touch nothing. Exits 0 when nothing is to be done, 2 when changes"
                        + " are pending, 4 when all is written and waits for a restart.")
final class PlanVerb extends Verb {
    private static final Path NOWHERE = Path.of("NEW-DIR-OF-CONTENTS");

    @Mixin
    NodeOptions node = new NodeOptions();

    @Option(
            names = "--explain",
            description =
                    "print the same as commands for a shell, to be read, approved and done without farrier; contents"
                            + " are not in it")
    boolean explain;

    @Option(
            names = "--stage",
            paramLabel = "NEW-DIR",
            description = "with --explain: also write the contents to this new folder, so that the commands can run")
    Path stage = NOWHERE;

    @Override
    public Integer call() throws Exception {
        if (!stage.equals(NOWHERE) && !explain) {
            throw new ParameterException(spec().commandLine(), "--stage goes with --explain.");
        }
        try (Assembly assembly = node.assembly()) {
            NodePlan plan = assembly.keeper().plan(NodeOptions.order());
            if (explain) {
                explain(plan, assembly.handScript());
            } else if (wantsJson()) {
                screen().json(Facts.plan(plan));
            } else {
                new PlanScreen(screen()).show(plan);
            }
            return exitCode(plan);
        }
    }

    private void explain(NodePlan plan, HandScript script) throws IOException {
        if (!stage.equals(NOWHERE)) {
            script.stage(plan, stage.toAbsolutePath());
        }
        List<String> lines = script.lines(plan, stage.toAbsolutePath());
        if (wantsJson()) {
            ObjectNode json = (ObjectNode) Facts.plan(plan);
            lines.forEach(json.putArray("commands")::add);
            screen().json(json);
            return;
        }
        lines.forEach(screen()::line);
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
