package io.farrier.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.FarrierConfig;
import io.farrier.config.Mode;
import io.farrier.testing.Configurations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RolloutTest {
    private static final Duration SPREAD = Duration.ofMinutes(5);
    private static final int NODES = 400;

    /** The agent looks at its files so often, and at {@link Rollout#due} with them. */
    private static final int LOOK_SECONDS = 2;

    private long nanos;

    /**
     * The real scheduling under a moved clock; the pulls are counted, not run: each node takes ten images, three at a time,
     * two seconds each.
     */
    @Test
    void fourHundredNodesAskARegistryForAHundredImagesAtATimeAtMost() {
        int together = mostPullsAtOnce(Optional.empty());
        int spread = mostPullsAtOnce(Optional.of(SPREAD));

        assertThat(together).as("without a spread all begin at once").isEqualTo(3 * NODES);
        assertThat(spread).as("pulls at the registry").isBetween(1, 100);
    }

    private int mostPullsAtOnce(Optional<Duration> spread) {
        nanos = 0;
        List<Rollout> nodes = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            Rollout node = new Rollout(() -> nanos);
            node.hold(config("worker-" + i, Mode.KEEP, spread), "one push");
            nodes.add(node);
        }
        int seconds = (int) SPREAD.toSeconds() + 60;
        int[] pulls = new int[seconds];
        int started = 0;
        for (int second = 0; second < seconds - 10; second += LOOK_SECONDS) {
            nanos = Duration.ofSeconds(second).toNanos();
            for (Rollout node : nodes) {
                if (node.due().isPresent()) {
                    started++;
                    pullTenImages(pulls, second);
                }
            }
        }
        assertThat(started).as("every node has come to its turn").isEqualTo(NODES);
        return java.util.Arrays.stream(pulls).max().orElseThrow();
    }

    private static void pullTenImages(int[] pulls, int begin) {
        for (int image = 0; image < 10; image++) {
            int at = begin + image / 3 * 2;
            pulls[at]++;
            pulls[at + 1]++;
        }
    }

    @Test
    void aNodesTurnFollowsFromItsNameAndTheChange() {
        Duration first = new Rollout(() -> 0).hold(config("worker-1", Mode.KEEP, Optional.of(SPREAD)), "a");

        assertThat(first).isBetween(Duration.ofMillis(1), SPREAD);
        assertThat(new Rollout(() -> 0).hold(config("worker-1", Mode.KEEP, Optional.of(SPREAD)), "a"))
                .isEqualTo(first);
        assertThat(new Rollout(() -> 0).hold(config("worker-1", Mode.KEEP, Optional.of(SPREAD)), "b"))
                .isNotEqualTo(first);
        assertThat(new Rollout(() -> 0).hold(config("worker-2", Mode.KEEP, Optional.of(SPREAD)), "a"))
                .isNotEqualTo(first);
    }

    @Test
    void whoChangesItAgainAndAgainPutsNothingOff() {
        Rollout node = new Rollout(() -> nanos);
        Duration first = node.hold(config("worker-1", Mode.KEEP, Optional.of(SPREAD)), "0");
        for (int change = 1; change < 100; change++) {
            node.hold(config("worker-" + change, Mode.KEEP, Optional.of(SPREAD)), String.valueOf(change));
        }

        nanos = first.toNanos();

        assertThat(node.due())
                .hasValueSatisfying(config -> assertThat(config.node().name()).isEqualTo("worker-99"));
        assertThat(node.due()).as("it is given out once").isEmpty();
    }

    @Test
    void theFastestBrakeIsNotSpread() {
        assertThat(new Rollout(() -> 0).hold(config("worker-1", Mode.OFF, Optional.of(SPREAD)), "a"))
                .isZero();
        assertThat(new Rollout(() -> 0).hold(config("worker-1", Mode.OBSERVE, Optional.of(SPREAD)), "a"))
                .isZero();
    }

    private static FarrierConfig config(String node, Mode mode, Optional<Duration> spread) {
        FarrierConfig base = Configurations.of(List.of());
        return new FarrierConfig(
                mode,
                new FarrierConfig.Node(
                        node, base.node().distribution(), base.node().labels(), Optional.empty()),
                base.registries(),
                base.mirrors(),
                base.docker(),
                base.images(),
                base.runtime(),
                base.collector(),
                base.logs(),
                base.intervals(),
                new FarrierConfig.Changes(false, 6, false, spread),
                base.manage(),
                base.findings(),
                FarrierConfig.Budget.DEFAULT,
                base.stateDir());
    }
}
