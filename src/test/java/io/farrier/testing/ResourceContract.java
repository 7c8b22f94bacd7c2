package io.farrier.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.plan.Allowance;
import io.farrier.plan.FilePlan;
import io.farrier.plan.Outcome;
import io.farrier.plan.Outcome.Result;
import io.farrier.plan.Reason;
import io.farrier.plan.Resource;
import io.farrier.plan.ResourceName;
import io.farrier.reconcile.Order;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The laws of DESIGN that every kept file obeys, proven on disk through the keeper. */
public abstract class ResourceContract {
    private static final Order BY_HAND = Order.byHand("root");

    @TempDir
    protected Path root;

    protected NodeBench bench;

    /** Writes what an operator has there: something foreign that must survive. */
    protected abstract void prepare(NodeBench node) throws IOException;

    /** The resource of a configuration that wants something that is not there. */
    protected abstract Resource<?> wanting(NodeBench node);

    /** The resource of another configuration: one thing more, one thing less. */
    protected abstract Resource<?> wantingSomethingElse(NodeBench node);

    /** The resource of a configuration that wants nothing. */
    protected abstract Resource<?> wantingNothing(NodeBench node);

    /** Says the same with other bytes, as an operator's editor does. */
    protected abstract void reformat(NodeBench node) throws IOException;

    /** Changes something foreign in the file or folder that farrier is about to change. */
    protected abstract void writeSomethingForeign(NodeBench node) throws IOException;

    /** True while the foreign thing is there. */
    protected abstract boolean hasSomethingForeign(NodeBench node) throws IOException;

    @BeforeEach
    void prepareNode() throws IOException {
        bench = new NodeBench(root);
        prepare(bench);
        bench.dockerd().start();
    }

    @Test
    void settles() throws IOException {
        assertThat(results(bench.keeper(wanting(bench)).keep(BY_HAND))).containsExactly(Result.APPLIED);
        FilePlan again = bench.keeper(wanting(bench)).plan(BY_HAND).files().get(0);
        assertThat(again.edits()).isEmpty();
        assertThat(again.changes()).isEmpty();
    }

    @Test
    void writesNothingTheSecondTime() throws IOException {
        bench.keeper(wanting(bench)).keep(BY_HAND);
        Map<String, String> before = bench.stamps();
        assertThat(results(bench.keeper(wanting(bench)).keep(BY_HAND))).containsExactly(Result.KEPT);
        assertThat(results(bench.keeper(wanting(bench)).keep(Order.agent()))).containsExactly(Result.KEPT);
        assertThat(bench.stamps()).isEqualTo(before);
    }

    @Test
    void planningWritesNothing() throws IOException {
        Map<String, String> before = bench.stamps();
        assertThat(bench.keeper(wanting(bench)).plan(BY_HAND).isNoop()).isFalse();
        assertThat(bench.stamps()).isEqualTo(before);
    }

    @Test
    void samePlanForTheSameNode() throws IOException {
        Resource<?> resource = wanting(bench);
        assertThat(planned(resource)).isEqualTo(planned(resource));
    }

    private static <S> FilePlan planned(Resource<S> resource) throws IOException {
        return resource.plan(resource.observe(), Allowance.EVERYTHING);
    }

    @Test
    void quietWhenOnlyTheWritingDiffers() throws IOException {
        bench.keeper(wanting(bench)).keep(BY_HAND);
        reformat(bench);
        FilePlan plan = bench.keeper(wanting(bench)).plan(BY_HAND).files().get(0);
        assertThat(plan.edits()).isEmpty();
        assertThat(plan.changes()).isEmpty();
    }

    @Test
    void gentleWhenOursGoesAgain() throws IOException {
        Map<String, String> before = bench.tree();
        bench.keeper(wanting(bench)).keep(BY_HAND);
        assertThat(bench.tree()).isNotEqualTo(before);
        assertThat(results(bench.keeper(wantingNothing(bench)).keep(BY_HAND))).containsExactly(Result.APPLIED);
        assertThat(bench.tree()).isEqualTo(before);
        assertThat(bench.ledger().ownership(wanting(bench).name()).isNone()).isTrue();
    }

    @Test
    void gentleThroughSeveralConfigurations() throws IOException {
        Map<String, String> before = bench.tree();
        bench.keeper(wanting(bench)).keep(BY_HAND);
        bench.keeper(wantingSomethingElse(bench)).keep(BY_HAND);
        bench.keeper(wanting(bench)).keep(BY_HAND);
        bench.keeper(wantingNothing(bench)).keep(BY_HAND);
        assertThat(bench.tree()).isEqualTo(before);
    }

    @Test
    void restoreGivesTheBytesBack() throws IOException {
        Map<String, String> before = bench.tree();
        bench.keeper(wanting(bench)).keep(BY_HAND);
        bench.keeper(wantingSomethingElse(bench)).keep(BY_HAND);
        assertThat(results(bench.keeper(wanting(bench)).restore(BY_HAND))).containsExactly(Result.APPLIED);
        assertThat(bench.tree()).isEqualTo(before);
    }

    @Test
    void restoreLeavesWhatOthersDidSince() throws IOException {
        bench.keeper(wanting(bench)).keep(BY_HAND);
        writeSomethingForeign(bench);
        bench.dockerd().start();
        bench.keeper(wanting(bench)).restore(BY_HAND);
        assertThat(hasSomethingForeign(bench)).isTrue();
    }

    @Test
    void afterARestoreTheAgentOnlyWatchesUntilApplyOrAnotherConfiguration() throws IOException {
        bench.keeper(wanting(bench)).keep(BY_HAND);
        bench.keeper(wanting(bench)).restore(BY_HAND);
        Map<String, String> released = bench.stamps();
        Outcome watched = bench.keeper(wanting(bench)).keep(Order.agent()).get(0);
        assertThat(watched.withheld())
                .isNotEmpty()
                .allSatisfy(withheld -> assertThat(withheld.because())
                        .startsWith("the node was given back by 'farrier restore' at 2026-11-20T12:00:00Z"));
        assertThat(bench.stamps()).isEqualTo(released);

        bench.configured("configuration 2");
        assertThat(results(bench.keeper(wanting(bench)).keep(Order.agent()))).containsExactly(Result.APPLIED);
    }

    @Test
    void aStaleEditIsPlannedAgainAndForeignWorkSurvives() throws IOException {
        Resource<?> disturbed = new Disturbed<>(wanting(bench));
        List<Outcome> outcomes = bench.keeper(disturbed).keep(BY_HAND);
        assertThat(results(outcomes)).containsExactly(Result.APPLIED);
        assertThat(hasSomethingForeign(bench)).isTrue();
    }

    /** Somebody writes between the second look (the one under the lock) and the edits. */
    private final class Disturbed<S> implements Resource<S> {
        private final Resource<S> real;
        private int looks;

        Disturbed(Resource<S> real) {
            this.real = real;
        }

        @Override
        public ResourceName name() {
            return real.name();
        }

        @Override
        public S observe() throws IOException {
            return real.observe();
        }

        @Override
        public FilePlan plan(S observed, Allowance allowance) {
            return real.plan(observed, allowance);
        }

        @Override
        public Optional<Reason> objection(FilePlan plan) throws IOException {
            if (++looks == 1) {
                writeSomethingForeign(bench);
                bench.dockerd().start();
            }
            return Optional.empty();
        }

        @Override
        public FilePlan planRestore(S observed) {
            return real.planRestore(observed);
        }
    }

    @Test
    void whollyOldOrWhollyNewWhereverItIsKilled() throws IOException {
        Map<String, String> before = bench.tree();
        int steps = CrashEnumeration.atEveryStep(kill -> {
            assertThat(bench.tree())
                    .as("the starting state of step %d", kill.step())
                    .isEqualTo(before);
            NodeBench dying = bench.dyingAt(kill);
            assertThatThrownBy(() -> dying.keeper(wanting(dying)).keep(BY_HAND)).isInstanceOf(Killed.class);

            List<Outcome> recovered = bench.keeper(wanting(bench)).recover();
            Map<String, String> now = bench.tree();
            assertThat(now.equals(before)
                            || bench.keeper(wanting(bench)).plan(BY_HAND).isNoop())
                    .as("killed after step %d (%s): recovered %s, tree %s", kill.step(), kill, recovered, now)
                    .isTrue();
            assertThat(bench.ledger().openChange()).as("step %d", kill.step()).isEmpty();

            bench.keeper(wanting(bench)).keep(BY_HAND);
            bench.keeper(wantingNothing(bench)).keep(BY_HAND);
        });
        assertThat(steps).isGreaterThan(8);
    }

    @Test
    void whollyGivenBackOrNotAtAllWhereverARestoreIsKilled() throws IOException {
        Map<String, String> before = bench.tree();
        bench.keeper(wanting(bench)).keep(BY_HAND);
        Map<String, String> kept = bench.tree();
        CrashEnumeration.atEveryStep(kill -> {
            NodeBench dying = bench.dyingAt(kill);
            assertThatThrownBy(() -> dying.keeper(wanting(dying)).restore(BY_HAND))
                    .isInstanceOf(Killed.class);
            bench.keeper(wanting(bench)).recover();
            assertThat(bench.tree())
                    .as("killed after step %d (%s)", kill.step(), kill)
                    .isIn(before, kept);
            bench.keeper(wanting(bench)).keep(BY_HAND);
            assertThat(bench.tree()).as("kept again after step %d", kill.step()).isEqualTo(kept);
        });
    }

    @Test
    void aKillOfTheRecoveryIsRecoveredToo() throws IOException {
        Map<String, String> before = bench.tree();
        CrashEnumeration.atEveryStep(first -> {
            NodeBench dying = bench.dyingAt(first);
            assertThatThrownBy(() -> dying.keeper(wanting(dying)).keep(BY_HAND)).isInstanceOf(Killed.class);
            NodeBench dyingAgain = bench.dyingAt(new CrashEnumeration.Kill(1));
            try {
                dyingAgain.keeper(wanting(dyingAgain)).recover();
            } catch (Killed again) {
                bench.keeper(wanting(bench)).recover();
            }
            assertThat(bench.ledger().openChange()).isEmpty();
            bench.keeper(wanting(bench)).keep(BY_HAND);
            bench.keeper(wantingNothing(bench)).keep(BY_HAND);
            assertThat(bench.tree()).as("step %d", first.step()).isEqualTo(before);
        });
    }

    protected static List<Result> results(List<Outcome> outcomes) {
        return outcomes.stream().map(Outcome::result).toList();
    }
}
