package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HoldBudgetTest {
    @ParameterizedTest(name = "configured {0}, held {1}, disk {2}, free {3}: {4}")
    @CsvSource({
        "100, 0, 100000, 50000, 100", // as configured
        "5000, 0, 100000, 50000, 2000", // a fiftieth of the disk
        "5000, 1000, 100000, 14500, 500", // 500 missing to 15 % free
        "5000, 1000, 100000, 5000, 0", // all of it would not be enough
        "5000, 1000, 0, 0, 5000", // the disk does not say
    })
    void leavesTheDiskToTheNode(long configured, long held, long total, long free, long allowed) {
        assertThat(HoldBudget.allowed(configured, held, total, free, total * 15 / 100))
                .isEqualTo(allowed);
    }
}
