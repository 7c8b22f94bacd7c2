package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.feed.Frame;
import io.farrier.sample.ContainerSample;
import io.farrier.testing.DockerLogs;
import io.farrier.testing.RunningContainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs that go while nobody looks: what was opened is stored, and what may have been behind it is declared. */
class UnseenEndTest {
    @TempDir
    Path temp;

    private final List<String> seen = new ArrayList<>();
    private DockerLogs docker;
    private TailedFolder node;
    private ContainerSample etcd;

    @BeforeEach
    void start() throws IOException {
        docker = new DockerLogs(temp.toRealPath().resolve("docker"));
        node = new TailedFolder(temp.toRealPath().resolve("state"), WantedLogs.ofContainers(1L << 40));
        etcd = docker.create("etcd");
        write(5);
        find();
        node.settle();
    }

    @AfterEach
    void stop() throws IOException {
        node.close();
    }

    @Test
    void aRotationAndTheRemovalBetweenTwoLooksAreDeclared() throws IOException {
        write(5);
        docker.rotate(etcd, 3);
        docker.write(etcd);
        docker.remove(etcd);
        find();

        assertStoredAndALossDeclared();
    }

    @Test
    void ofALogThatGoesWhileItsFilesAreOpenedWhatCouldNotBeIsDeclared() throws IOException {
        node.close();
        seen.clear();
        docker = new DockerLogs(temp.toRealPath().resolve("other"));
        etcd = docker.create("etcd");
        write(5);
        docker.rotate(etcd, 3);
        docker.write(etcd);
        AtomicInteger opened = new AtomicInteger();
        node = new TailedFolder(temp.toRealPath().resolve("other/state"), WantedLogs.withHistory(1 << 20), () -> {
            if (opened.incrementAndGet() == 2) {
                remove();
            }
            return true;
        });
        node.tail().containers(docker.table());
        find();

        assertStoredAndALossDeclared();
    }

    private void remove() {
        try {
            docker.remove(etcd);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Test
    void aRotationThatWasSeenIsNone() throws IOException {
        docker.rotate(etcd, 3);
        write(5);
        find();
        node.settle();
        docker.remove(etcd);
        find();

        assertStoredAndNothingLost();
    }

    @Test
    void aRemovalAloneIsNone() throws IOException {
        write(5);
        docker.remove(etcd);
        find();

        assertStoredAndNothingLost();
    }

    @Test
    void whatRotatedAndWentWhileTheAgentWasDownIsDeclared() throws IOException {
        write(5);
        node.kill();
        docker.rotate(etcd, 3);
        docker.write(etcd);
        docker.remove(etcd);
        node.restart();
        find();

        assertStoredAndALossDeclared();
    }

    @Test
    void ofAContainerThatWentWhileTheAgentWasDownAFileThatWasNotFullIsTheLast() throws IOException {
        node.kill();
        node.restart();
        node.tail().containers(List.of(RunningContainer.withLogFiles(etcd, 10_000)));
        node.settle();
        node.kill();
        write(5);
        docker.remove(etcd);
        node.restart();
        find();

        assertStoredAndNothingLost();
    }

    @Test
    void aFullOneMayNotBe() throws IOException {
        node.kill();
        node.restart();
        node.tail().containers(List.of(RunningContainer.withLogFiles(etcd, 1_500)));
        node.settle();
        node.kill();
        write(15);
        docker.remove(etcd);
        node.restart();
        find();

        assertStoredAndALossDeclared();
    }

    @Test
    void aRemovalThatWasOnRecordIsNoneAfterAKill() throws IOException {
        node.collector.disconnect();
        write(5);
        docker.remove(etcd);
        find();
        node.save();
        node.kill();
        node.restart();
        find();

        assertStoredAndNothingLost();
    }

    @Test
    void whatIsStillThereAfterAKillIsFollowedByItsNameAgain() throws IOException {
        node.kill();
        node.restart();
        find();
        write(5);
        docker.remove(etcd);
        find();

        assertStoredAndNothingLost();
    }

    @Test
    void aFileThatIsRotatedWithoutASuccessorMayHaveOneLater() throws IOException {
        Path log = temp.toRealPath().resolve("plain/server.log");
        try (TailedFolder files = new TailedFolder(
                temp.toRealPath().resolve("plain-state"),
                WantedLogs.ofFiles(new PlainFiles(List.of(log.getParent() + "/*.log"))))) {
            List<String> written = new ArrayList<>(files.write(log, 3));
            files.tail().containers(List.of());
            files.settle();
            Files.move(log, log.resolveSibling("server.log.1"));
            files.settle();
            files.kill();
            files.restart();
            files.tail().containers(List.of());
            files.settle();
            written.addAll(files.write(log, 3));
            files.settle();

            assertThat(files.collector.lines()).containsExactlyInAnyOrderElementsOf(written);
            assertThat(files.collector.lost()).isEmpty();
        }
    }

    private void assertStoredAndALossDeclared() throws IOException {
        node.settle();
        assertThat(node.collector.lines()).containsExactlyInAnyOrderElementsOf(seen);
        assertThat(node.collector.lost()).isNotEmpty().allSatisfy(loss -> {
            assertThat(loss.to()).isEqualTo(Frame.Lost.UNKNOWN);
            assertThat(loss.reason()).contains("come and gone");
            assertThat(node.collector.containerOf(loss.source())).isEqualTo("etcd");
        });
        assertNothingIsLeft();
    }

    private void assertStoredAndNothingLost() throws IOException {
        node.settle();
        assertThat(node.collector.lines()).containsExactlyInAnyOrderElementsOf(seen);
        assertThat(node.collector.lost()).isEmpty();
        assertNothingIsLeft();
    }

    private void assertNothingIsLeft() throws IOException {
        assertThat(docker.holds()).isEmpty();
        assertThat(node.tail().status().sources()).isZero();
    }

    private void write(int lines) {
        for (int i = 0; i < lines; i++) {
            seen.add(docker.write(etcd));
        }
    }

    private void find() {
        node.tail().containers(docker.table());
        node.pass(Duration.ofMillis(1));
        node.tail().turn();
    }
}
