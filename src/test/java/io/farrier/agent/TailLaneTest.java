package io.farrier.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.feed.Frame;
import io.farrier.feed.SourceId;
import io.farrier.logs.CheckpointFile;
import io.farrier.logs.FolderWatch;
import io.farrier.logs.LogSink;
import io.farrier.logs.Tail;
import io.farrier.sample.ContainerSample;
import io.farrier.spool.DiskSpool;
import io.farrier.testing.Configurations;
import io.farrier.testing.DockerLogs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TailLaneTest {
    @TempDir
    Path folder;

    /** Takes all that comes, and forgets it. */
    private static final class Counter implements LogSink {
        private final AtomicInteger batches = new AtomicInteger();
        private final AtomicLong bytes = new AtomicLong();

        @Override
        public long connection() {
            return 1;
        }

        @Override
        public long room() {
            return 1 << 20;
        }

        @Override
        public boolean isDrained() {
            return true;
        }

        @Override
        public void send(long on, Frame frame) {
            if (frame instanceof Frame.LogBatch batch) {
                batches.incrementAndGet();
                bytes.addAndGet(batch.body().remaining());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void forget(SourceId source) {}
    }

    @Test
    void besideEtcdAFileThatGrowsAllTheTimeIsReadOnceASecond() throws Exception {
        try (RunningLane running = new RunningLane(folder, true)) {
            ContainerSample etcd = running.docker.create("etcd");
            running.docker.write(etcd);
            running.lane.containers(running.docker.table());
            running.awaitAll(etcd);

            int before = running.collector.batches.get();
            long begun = System.nanoTime();
            for (int line = 0; line < 500; line++) {
                running.docker.write(etcd);
                Thread.sleep(2);
            }
            running.awaitAll(etcd);

            long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds();
            assertThat(running.collector.batches.get() - before).isLessThanOrEqualTo((int) seconds + 2);
        }
    }

    @Test
    void besideEtcdTheNamesOfManyNewLogsAreForcedToDiskTogether() throws Exception {
        int promptly = checkpointsForNewLogs(false);

        assertThat(checkpointsForNewLogs(true)).isLessThan(promptly / 4);
    }

    private int checkpointsForNewLogs(boolean unhurried) throws Exception {
        Path here = folder.resolve("unhurried-" + unhurried);
        Set<Object> written = new HashSet<>();
        try (RunningLane running = new RunningLane(here, unhurried)) {
            for (int pod = 0; pod < 40; pod++) {
                running.docker.write(running.docker.create("pod-" + pod));
                running.lane.containers(running.docker.table());
                Thread.sleep(50);
                if (Files.exists(running.cursors)) {
                    written.add(Files.getLastModifiedTime(running.cursors));
                }
            }
        }
        return written.size();
    }

    /** Logs of Docker, the lane that reads them, and what it writes to. */
    private static final class RunningLane implements AutoCloseable {
        private final DockerLogs docker;
        private final Counter collector = new Counter();
        private final Path cursors;
        private final StateLane writes;
        private final TailLane lane;

        RunningLane(Path folder, boolean unhurried) throws IOException {
            this.docker = new DockerLogs(folder.resolve("docker"));
            Path state = Files.createDirectories(folder.resolve("state"));
            this.cursors = state.resolve("cursors");
            Log log = new Log(System::nanoTime);
            DiskSpool spool = DiskSpool.open(state, DiskSpool.DEFAULT_BYTES, new Random(1));
            this.writes = new StateLane(spool, new CheckpointFile(state), Clock.systemUTC(), System::nanoTime, log);
            this.lane = new TailLane(writes, Optional.empty(), Optional.empty(), System::nanoTime, log);
            lane.unhurried(unhurried);
            lane.start(new Tail(
                    ShippedLogs.wanted(Configurations.of(List.of()).logs()),
                    List.of(),
                    () -> Set.of(folder.resolve("docker")),
                    () -> true,
                    collector,
                    System::nanoTime,
                    Clock.systemUTC(),
                    FolderWatch.open(lane::changed)));
        }

        void awaitAll(ContainerSample container) {
            Path file = Path.of(Objects.requireNonNull(container.logPath()));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(collector.bytes.get()).isEqualTo(Files.size(file)));
        }

        @Override
        public void close() throws IOException {
            try (writes) {
                lane.close();
            }
        }
    }
}
