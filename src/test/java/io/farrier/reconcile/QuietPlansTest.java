package io.farrier.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.plan.Allowance;
import io.farrier.plan.Change;
import io.farrier.plan.FilePlan;
import io.farrier.plan.Resource;
import io.farrier.plan.ResourceName;
import io.farrier.plan.Withheld;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class QuietPlansTest {
    private static final Allowance NOTHING = change -> Optional.of(new Withheld(change, "it is paused", List.of()));

    private final QuietPlans plans = new QuietPlans();
    private final Counted file = new Counted();

    @Test
    void plansOnceWhatStaysAsItIs() throws IOException {
        file.content = "wanted";

        FilePlan first = plans.plan(file, Allowance.EVERYTHING);

        assertThat(plans.plan(file, Allowance.EVERYTHING)).isSameAs(first);
        assertThat(plans.plan(file, NOTHING)).isSameAs(first);
        assertThat(file.planned).isEqualTo(1);
    }

    @Test
    void plansAnewWhateverElseIsObserved() throws IOException {
        file.content = "wanted";
        plans.plan(file, Allowance.EVERYTHING);
        file.content = "drifted";

        assertThat(plans.plan(file, Allowance.EVERYTHING).changes()).hasSize(1);
    }

    /** What is to be done depends on what is allowed now. */
    @Test
    void plansEachTimeWhileThereIsSomethingToDo() throws IOException {
        file.content = "drifted";

        assertThat(plans.plan(file, Allowance.EVERYTHING).withheld()).isEmpty();
        assertThat(plans.plan(file, NOTHING).withheld()).hasSize(1);
        assertThat(plans.plan(file, Allowance.EVERYTHING).withheld()).isEmpty();
        assertThat(file.planned).isEqualTo(3);
    }

    @Test
    void forgetsWhatWasQuietOnceSomethingHadToBeDone() throws IOException {
        file.content = "wanted";
        plans.plan(file, Allowance.EVERYTHING);
        file.content = "drifted";
        plans.plan(file, Allowance.EVERYTHING);
        file.content = "wanted";
        plans.plan(file, Allowance.EVERYTHING);

        assertThat(file.planned).isEqualTo(3);
    }

    /** Wants one text. */
    private static final class Counted implements Resource<String> {
        private static final ResourceName NAME = new ResourceName("a/file");
        private String content = "";
        private int planned;

        @Override
        public ResourceName name() {
            return NAME;
        }

        @Override
        public String observe() {
            return content;
        }

        @Override
        public FilePlan plan(String observed, Allowance allowance) {
            planned++;
            if (observed.equals("wanted")) {
                return FilePlan.noop(NAME);
            }
            Change change = new Change(
                    Change.Kind.CHANGE,
                    "text",
                    Optional.of(observed),
                    Optional.of("wanted"),
                    Optional.empty(),
                    Optional.empty());
            Optional<Withheld> objection = allowance.objection(change);
            return new FilePlan(
                    NAME,
                    List.of(),
                    objection.isPresent() ? List.of() : List.of(change),
                    objection.stream().toList(),
                    Optional.empty(),
                    new TreeSet<>());
        }

        @Override
        public FilePlan planRestore(String observed) {
            return FilePlan.noop(NAME);
        }
    }
}
