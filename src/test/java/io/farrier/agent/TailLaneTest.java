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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
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
        public void forget(SourceId source) {}
    }

    @Test
    void besideEtcdAFileThatGrowsAllTheTimeIsReadTenTimesASecond() throws Exception {
        DockerLogs docker = new DockerLogs(folder.resolve("docker"));
        ContainerSample etcd = docker.create("etcd");
        docker.write(etcd);
        Path state = Files.createDirectories(folder.resolve("state"));
        CheckpointFile cursors = new CheckpointFile(state);
        Log log = new Log(System::nanoTime);
        Counter collector = new Counter();
        DiskSpool spool = DiskSpool.open(state, DiskSpool.DEFAULT_BYTES, new Random(1));
        StateLane writes = new StateLane(spool, cursors, Clock.systemUTC(), System::nanoTime, log);
        TailLane lane = new TailLane(writes, Optional.empty(), Optional.empty(), System::nanoTime, log);
        try (writes;
                lane) {
            lane.unhurried(true);
            lane.start(new Tail(
                    ShippedLogs.wanted(Configurations.of(List.of()).logs()),
                    List.of(),
                    () -> Set.of(folder.resolve("docker")),
                    () -> true,
                    collector,
                    System::nanoTime,
                    Clock.systemUTC(),
                    FolderWatch.open(lane::changed)));
            lane.containers(docker.table());
            awaitAll(collector, etcd);

            int before = collector.batches.get();
            long begun = System.nanoTime();
            for (int line = 0; line < 500; line++) {
                docker.write(etcd);
                Thread.sleep(2);
            }
            awaitAll(collector, etcd);

            long tenths = Duration.ofNanos(System.nanoTime() - begun).toMillis() / 100;
            assertThat(collector.batches.get() - before).isLessThanOrEqualTo((int) tenths + 2);
        }
    }

    private static void awaitAll(Counter collector, ContainerSample container) {
        Path file = Path.of(java.util.Objects.requireNonNull(container.logPath()));
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(collector.bytes.get()).isEqualTo(Files.size(file)));
    }
}
