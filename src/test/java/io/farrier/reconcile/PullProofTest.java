package io.farrier.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.plan.Change;
import io.farrier.plan.Outcome;
import io.farrier.plan.Outcome.Result;
import io.farrier.plan.ResourceName;
import io.farrier.registry.LoginMemory;
import io.farrier.testing.FakeRuntime;
import io.farrier.testing.MovableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class PullProofTest {
    private static final RegistryHost REGISTRY = RegistryHost.parse("reg.example:5000");
    private static final Reference PAUSE = Reference.parse("reg.example:5000/rancher/mirrored-pause:3.6");

    private final FakeRuntime runtime = new FakeRuntime();
    private final MovableClock clock = new MovableClock(Instant.parse("2026-11-20T12:00:00Z"));
    private Optional<PullProof.Image> image = Optional.of(new PullProof.Image(PAUSE, false));
    private final PullProof proof =
            new PullProof(runtime, registry -> image, registry -> Optional.empty(), LoginMemory.NONE, clock);

    @Test
    void aRegistryIsProvenByAPullOfWhichNothingStays() throws Exception {
        runtime.serves(PAUSE);
        assertThat(proof.prove(Order.agent(), List.of(applied())))
                .singleElement()
                .satisfies(outcome -> {
                    assertThat(outcome.resource()).isEqualTo(new ResourceName("proof/reg.example:5000"));
                    assertThat(outcome.result()).isEqualTo(Result.PROVEN);
                });
        assertThat(runtime.calls()).contains("pull " + PAUSE, "remove " + PAUSE);
        assertThat(runtime.images()).isEmpty();
    }

    @Test
    void whatIsWantedOrWasHereStays() throws Exception {
        image = Optional.of(new PullProof.Image(PAUSE, true));
        runtime.serves(PAUSE);
        proof.prove(Order.byHand("root"), List.of(applied()));
        assertThat(runtime.find(PAUSE)).isPresent();

        image = Optional.of(new PullProof.Image(PAUSE, false));
        proof.prove(Order.byHand("root"), List.of(applied()));
        assertThat(runtime.images()).isNotEmpty();
    }

    @Test
    void whatIsHereIsPulledByItsDigestSoThatNoTagMoves() throws Exception {
        runtime.holds(PAUSE);
        proof.prove(Order.agent(), List.of(applied()));
        assertThat(runtime.calls()).noneMatch(call -> call.equals("pull " + PAUSE));
        assertThat(runtime.calls())
                .anyMatch(call -> call.startsWith("pull reg.example:5000/rancher/mirrored-pause@sha256:"));
    }

    @Test
    void aFailureIsToldInTheRuntimesWords() {
        assertThat(proof.prove(Order.agent(), List.of(applied())))
                .singleElement()
                .satisfies(outcome -> {
                    assertThat(outcome.result()).isEqualTo(Result.UNPROVEN);
                    assertThat(outcome.reason().orElseThrow().sentence())
                            .isEqualTo("Pulled " + PAUSE + " to prove the change: manifest for " + PAUSE
                                    + " not found: manifest unknown: manifest unknown. The change stays. Run 'farrier probe"
                                    + " reg.example:5000'.");
                });
    }

    @Test
    void theAgentProvesARegistryOnceADayAndAnOrderByHandEachTime() {
        runtime.serves(PAUSE);
        assertThat(proof.prove(Order.agent(), List.of(applied()))).hasSize(1);
        assertThat(proof.prove(Order.agent(), List.of(applied()))).isEmpty();
        assertThat(proof.prove(Order.byHand("root"), List.of(applied()))).hasSize(1);
        clock.advance(Duration.ofDays(1));
        assertThat(proof.prove(Order.agent(), List.of(applied()))).hasSize(1);
    }

    @Test
    void nothingIsPulledWhereNothingBecameDifferent() {
        runtime.serves(PAUSE);
        for (Outcome outcome : List.of(
                outcome(Result.KEPT, Change.Kind.ADD),
                outcome(Result.ROLLED_BACK, Change.Kind.ADD),
                outcome(Result.APPLIED, Change.Kind.REMOVE))) {
            assertThat(proof.prove(Order.byHand("root"), List.of(outcome))).isEmpty();
        }
        image = Optional.empty();
        assertThat(proof.prove(Order.byHand("root"), List.of(applied()))).isEmpty();
        assertThat(runtime.calls()).isEmpty();
    }

    private Outcome applied() {
        return outcome(Result.APPLIED, Change.Kind.ADD);
    }

    private Outcome outcome(Result result, Change.Kind kind) {
        Change change = new Change(
                kind,
                "reg.example:5000/ca.crt",
                Optional.empty(),
                Optional.of("CN=ca"),
                Optional.of(REGISTRY),
                Optional.empty());
        return new Outcome(
                new ResourceName("docker/certs.d"),
                result,
                List.of(change),
                List.of(),
                Optional.empty(),
                clock.instant());
    }
}
