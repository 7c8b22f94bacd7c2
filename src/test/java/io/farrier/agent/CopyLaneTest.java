package io.farrier.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.farrier.logs.copied.LineCopier;
import io.farrier.logs.copied.Loss;
import io.farrier.logs.copied.Stored;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class CopyLaneTest {
    private static final int FEW_BYTES = 100;
    private static final int MANY_BYTES = 100_000;

    /** At once, or ten times a second; one a second would take longer than is waited for. */
    private static final int TURNS = 40;

    private static final Duration DEADLINE = Duration.ofSeconds(35);

    /** Has so many bytes for each turn. */
    private static final class Lines implements LineCopier {
        private final int bytesPerTurn;
        private final AtomicInteger turns = new AtomicInteger();
        private volatile boolean isClosed;

        Lines(int bytesPerTurn) {
            this.bytesPerTurn = bytesPerTurn;
        }

        @Override
        public Duration turn() {
            turns.incrementAndGet();
            return REST;
        }

        @Override
        public Status status() {
            return new Status((long) turns.get() * bytesPerTurn, false, Optional.empty());
        }

        @Override
        public Map<String, Path> logs() {
            return Map.of();
        }

        @Override
        public Set<Loss> losses() {
            return Set.of();
        }

        @Override
        public void told(Set<Loss> losses) {}

        @Override
        public void delete(Stored stored) {}

        @Override
        public void close() {
            isClosed = true;
        }
    }

    @Test
    void besideEtcdFewLinesAreCopiedOnceASecond() throws Exception {
        Lines few = new Lines(FEW_BYTES);
        long begun = System.nanoTime();
        try (CopyLane lane = lane(few, true)) {
            Thread.sleep(2500);

            assertThat(few.turns.get()).isLessThanOrEqualTo(secondsSince(begun) + 1);
        }
        assertThat(few.isClosed).isTrue();
    }

    @Test
    void besideEtcdManyLinesAreCopiedAsAnywhere() {
        Lines many = new Lines(MANY_BYTES);
        try (CopyLane lane = lane(many, true)) {
            await().atMost(DEADLINE).until(() -> many.turns.get() >= TURNS);
        }
    }

    @Test
    void besideEtcdWhoIsCalledComesAtOnce() {
        Lines few = new Lines(FEW_BYTES);
        try (CopyLane lane = lane(few, true)) {
            await().atMost(DEADLINE).pollInterval(Duration.ofMillis(1)).until(() -> {
                lane.wake();
                return few.turns.get() >= TURNS;
            });
        }
    }

    private static int secondsSince(long begun) {
        return (int) Duration.ofNanos(System.nanoTime() - begun).toSeconds();
    }

    private static CopyLane lane(LineCopier copier, boolean unhurried) {
        CopyLane lane = new CopyLane("copies", "a test", copier, System::nanoTime, new Log(System::nanoTime));
        lane.unhurried(unhurried);
        lane.start();
        return lane;
    }
}
