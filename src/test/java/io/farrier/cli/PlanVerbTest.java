package io.farrier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.plan.Change;
import io.farrier.plan.Change.Kind;
import io.farrier.plan.Consequence;
import io.farrier.plan.Consequence.Action;
import io.farrier.plan.DaemonName;
import io.farrier.plan.FilePlan;
import io.farrier.plan.NodePlan;
import io.farrier.plan.Reason;
import io.farrier.plan.ResourceName;
import io.farrier.plan.Withheld;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class PlanVerbTest {
    private static final ResourceName FILE = new ResourceName("k3s/registries.yaml");

    @Test
    void whatIsWrittenAndNotInEffectIsNotClean() {
        assertThat(exitCode(file(List.of(change(Action.NEXT_START)), List.of())))
                .isEqualTo(ExitCode.REFUSED);
    }

    @Test
    void whatIsStillToBeDoneCountsFirst() {
        assertThat(exitCode(file(List.of(change(Action.RESTART)), List.of()))).isEqualTo(ExitCode.PENDING);
        Withheld withheld = new Withheld(change(Action.NEXT_START), "why", List.of());
        assertThat(exitCode(file(List.of(change(Action.NEXT_START)), List.of(withheld))))
                .isEqualTo(ExitCode.PENDING);
    }

    @Test
    void aRefusalCountsMost() {
        assertThat(exitCode(
                        FilePlan.refused(FILE, new Reason("tried", "saw", "todo")),
                        file(List.of(change(Action.RELOAD)), List.of())))
                .isEqualTo(ExitCode.REFUSED);
    }

    @Test
    void nothingToDoIsClean() {
        assertThat(exitCode(FilePlan.noop(FILE))).isEqualTo(ExitCode.DONE);
    }

    private static int exitCode(FilePlan... files) {
        return PlanVerb.exitCode(new NodePlan(List.of(files)));
    }

    private static FilePlan file(List<Change> changes, List<Withheld> withheld) {
        return new FilePlan(FILE, List.of(), changes, withheld, Optional.empty(), new TreeSet<>());
    }

    private static Change change(Action action) {
        return new Change(
                Kind.CHANGE,
                "registries.yaml",
                Optional.of("before"),
                Optional.of("after"),
                Optional.empty(),
                Optional.of(new Consequence(new DaemonName("k3s-agent"), action, "because")));
    }
}
