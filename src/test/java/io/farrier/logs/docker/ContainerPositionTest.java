package io.farrier.logs.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.logs.copied.CopiedFile;
import io.farrier.logs.docker.ContainerPosition.All;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What may wait a minute for its fsync, and what decides which losses the next run declares. */
final class ContainerPositionTest {
    private static final ContainerPosition BEGUN = new ContainerPosition(10, Marks.NONE, null, false, null);

    @Test
    void moreLinesOfTheSameContainersAreOnlyFurther() {
        ContainerPosition further = new ContainerPosition(10, Marks.NONE, new CopiedFile.End(7, 4096), false, null);

        assertThat(of(further).isOnlyFurtherThan(of(BEGUN))).isTrue();
    }

    @Test
    void anEndALossAndAnotherContainerAreMore() {
        assertThat(of(new ContainerPosition(10, Marks.NONE, null, true, null)).isOnlyFurtherThan(of(BEGUN)))
                .isFalse();
        assertThat(of(new ContainerPosition(10, Marks.NONE, null, false, "gone"))
                        .isOnlyFurtherThan(of(BEGUN)))
                .isFalse();
        assertThat(new All(Map.of("a", BEGUN, "b", BEGUN)).isOnlyFurtherThan(of(BEGUN)))
                .isFalse();
        assertThat(All.NONE.isOnlyFurtherThan(of(BEGUN))).isFalse();
    }

    private static All of(ContainerPosition position) {
        return new All(Map.of("a", position));
    }
}
