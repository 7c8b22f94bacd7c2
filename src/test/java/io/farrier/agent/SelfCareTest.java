package io.farrier.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.agent.SelfCare.Shed;
import io.farrier.config.FarrierConfig.Budget;
import io.farrier.vitals.OwnCost;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class SelfCareTest {
    private static final Budget BUDGET = new Budget(50, 200L << 20);
    private static final Duration LOOK = Duration.ofSeconds(10);

    private long now;
    private final SelfCare care = new SelfCare(() -> now);

    @Test
    void givesUpInOrderWhatCanWaitAndSaysWhy() {
        spend(Duration.ofSeconds(50), 80, 100);
        assertThat(care.shed()).as("a burst is no trouble").isEqualTo(Shed.NOTHING);
        assertThat(care.sentence()).isEmpty();

        spend(Duration.ofSeconds(30), 80, 100);
        assertThat(care.shed()).isEqualTo(Shed.SAMPLES);
        assertThat(care.sentence())
                .contains(
                        "farrier takes 80 % of a core and 100 MiB, its budget is 50 % and 200 MiB; given up: vitals and"
                                + " containers are looked at 6 times less often");
        assertThat(care.slowness(Shed.SAMPLES)).isEqualTo(6);
        assertThat(care.slowness(Shed.CHECKS)).isEqualTo(1);

        spend(Duration.ofMinutes(1), 80, 100);
        assertThat(care.shed()).isEqualTo(Shed.CHECKS);
        spend(Duration.ofMinutes(1), 80, 100);
        assertThat(care.shed()).isEqualTo(Shed.LOGS);
        spend(Duration.ofMinutes(60), 80, 100);
        assertThat(care.shed()).isEqualTo(Shed.LOGS);
    }

    @Test
    void memoryIsAReasonOfItsOwn() {
        spend(Duration.ofSeconds(80), 1, 201);
        assertThat(care.shed()).isEqualTo(Shed.SAMPLES);
    }

    @Test
    void takesUpAgainOneAfterTheOtherOnceItIsClearlyUnder() {
        spend(Duration.ofMinutes(5), 80, 100);
        assertThat(care.shed()).isEqualTo(Shed.LOGS);

        spend(Duration.ofMinutes(60), 45, 100);
        assertThat(care.shed()).as("not clearly under").isEqualTo(Shed.LOGS);

        spend(Duration.ofSeconds(330), 10, 100);
        assertThat(care.shed()).isEqualTo(Shed.CHECKS);
        spend(Duration.ofSeconds(600), 10, 100);
        assertThat(care.shed()).isEqualTo(Shed.NOTHING);
        assertThat(care.sentence()).isEmpty();
    }

    @Test
    void whatSwingsBetweenOverAndUnderChangesNothing() {
        for (int swing = 0; swing < 100; swing++) {
            spend(Duration.ofSeconds(40), 80, 100);
            spend(Duration.ofSeconds(40), 10, 100);
        }
        assertThat(care.shed()).isEqualTo(Shed.NOTHING);
    }

    private void spend(Duration time, double cpuPercent, long mebibytes) {
        for (Duration spent = Duration.ZERO; spent.compareTo(time) < 0; spent = spent.plus(LOOK)) {
            now += LOOK.toNanos();
            care.look(new OwnCost.Sample(cpuPercent, mebibytes << 20), BUDGET);
        }
    }
}
