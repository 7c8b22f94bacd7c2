package io.farrier.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.runtime.RuntimeEvent;
import io.farrier.runtime.RuntimeEvent.Kind;
import io.farrier.sample.ContainerSample;
import io.farrier.sample.ContainerSample.State;
import io.farrier.testing.RunningContainer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RemovalsTest {
    private static final ContainerSample JOB = RunningContainer.of("a1", "job", "image:1", null, null, null);

    private final Removals removals = new Removals();

    @Test
    void aContainerThatNeverRanIsNotTold() {
        assertThat(removals.heard(event("create"))).isEmpty();
        assertThat(removals.heard(event("destroy"))).isEmpty();

        removals.listed(List.of(idle()));
        assertThat(removals.heard(event("destroy"))).isEmpty();
    }

    @Test
    void oneThatRanOrMayHaveRunBeforeAnybodyListenedIs() {
        assertThat(removals.heard(event("create"))).isEmpty();
        assertThat(removals.heard(event("start"))).isEmpty();
        assertThat(removals.heard(event("die"))).isEmpty();
        assertThat(removals.heard(event("destroy"))).contains(JOB);

        assertThat(removals.heard(event("destroy"))).contains(JOB);
    }

    private static ContainerSample idle() {
        return RunningContainer.in(State.CREATED, JOB.id(), JOB.name(), JOB.image(), null, null, null);
    }

    private static RuntimeEvent event(String action) {
        return new RuntimeEvent(Kind.CONTAINER, action, "a1", Optional.of(JOB));
    }
}
