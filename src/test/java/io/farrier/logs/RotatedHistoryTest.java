package io.farrier.logs;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.sample.ContainerSample;
import io.farrier.testing.RunningContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was rotated, and perhaps compressed, before the agent saw it or after. */
class RotatedHistoryTest {
    private static final int LINES = 2_000;

    /** As {@link TailedFolder#write} makes them. */
    private static final long LINE_BYTES = 57;

    @TempDir
    Path folder;

    private final List<String> written = new ArrayList<>();
    private TailedFolder node;
    private Path log;

    @BeforeEach
    void start() throws IOException {
        log = folder.resolve("pods/kube-system_p_u/c/0.log");
        node = new TailedFolder(folder.resolve("state"), WantedLogs.ofContainers(1L << 40));
    }

    @AfterEach
    void stop() throws IOException {
        node.close();
    }

    @Test
    void filesThatWereCompressedBeforeTheAgentCameAreShippedOnceAndInOrder() throws IOException {
        rotateTo("20261118-000000");
        TailedFolder.compress(rotated("20261118-000000"));
        rotateTo("20261119-000000");
        TailedFolder.compress(rotated("20261119-000000"));
        rotateTo("20261120-000000");
        written.addAll(node.write(log, LINES));

        discover();
        node.settle();

        assertThat(node.collector.lines()).isEqualTo(written);
        assertThat(node.collector.lost()).isEmpty();
    }

    @Test
    void soAreDockersCountedOnes() throws IOException {
        List<String> oldest = node.write(log, LINES);
        Files.move(log, log.resolveSibling("0.log.2"));
        TailedFolder.compress(log.resolveSibling("0.log.2"));
        List<String> newer = node.write(log, LINES);
        Files.move(log, log.resolveSibling("0.log.1"));
        List<String> live = node.write(log, LINES);

        discover();
        node.settle();

        written.addAll(oldest);
        written.addAll(newer);
        written.addAll(live);
        assertThat(node.collector.lines()).isEqualTo(written);
    }

    @Test
    void ofHistoryOnlyTheNewestIsShippedAsFarAsItIsWantedAndNoMoreAtLaterRotations() throws IOException {
        node.close();
        node = new TailedFolder(folder.resolve("state"), WantedLogs.withHistory(LINES * LINE_BYTES * 3 / 2));
        rotateTo("20261118-000000");
        TailedFolder.compress(rotated("20261118-000000"));
        rotateTo("20261119-000000");
        written.clear();
        rotateTo("20261120-000000");
        written.addAll(node.write(log, LINES));

        discover();
        node.settle();
        assertThat(node.collector.lines()).isEqualTo(written);

        Files.move(log, rotated("20261121-000000"));
        written.addAll(node.write(log, LINES));
        node.settle();
        node.kill();
        node.restart();
        discover();
        node.settle();

        assertThat(node.collector.lines()).isEqualTo(written);
        assertThat(node.collector.lost()).isEmpty();
    }

    @Test
    void aFileThatIsCompressedAfterItWasShippedIsNotReadAgain() throws IOException {
        written.addAll(node.write(log, LINES));
        discover();
        node.settle();
        rotateTo("20261118-000000");
        written.addAll(node.write(log, 1));
        node.settle();
        rotateTo("20261119-000000");
        TailedFolder.compress(rotated("20261118-000000"));
        written.addAll(node.write(log, LINES));
        node.settle();
        rotateTo("20261120-000000");
        TailedFolder.compress(rotated("20261119-000000"));
        written.addAll(node.write(log, 1));
        node.settle();

        assertThat(node.collector.lines()).isEqualTo(written);
        assertThat(node.collector.lost()).isEmpty();
    }

    @Test
    void aFileThatIsCompressedWhileTheAgentIsDownIsReadOnFromWhereItWas() throws IOException {
        written.addAll(node.write(log, LINES));
        node.collector.credit(20_000);
        discover();
        node.tail().turn();
        node.collector.ack(Integer.MAX_VALUE, node.tail()::ack);
        node.save();
        assertThat(node.collector.lines()).isNotEmpty().hasSizeLessThan(LINES);
        node.kill();

        Files.walk(folder.resolve("farrier-held"))
                .filter(Files::isRegularFile)
                .forEach(hold -> hold.toFile().delete());
        Files.move(log, rotated("20261118-000000"));
        TailedFolder.compress(rotated("20261118-000000"));
        written.addAll(node.write(log, LINES));
        node.collector.credit(1L << 30);
        node.restart();
        discover();
        node.settle();

        assertThat(node.collector.lines()).isEqualTo(written);
        assertThat(node.collector.lost()).isEmpty();
    }

    @Test
    void manyCompressedFilesTakeTheirTurns() throws IOException {
        for (int day = 10; day < 10 + 2 * GzipBytes.Inflaters.MAX; day++) {
            rotateTo("202611" + day + "-000000");
            TailedFolder.compress(rotated("202611" + day + "-000000"));
        }
        written.addAll(node.write(log, 1));

        discover();
        node.settle();
        node.settle();

        assertThat(node.collector.lines()).containsExactlyInAnyOrderElementsOf(written);
        assertThat(node.collector.lost()).isEmpty();
    }

    @Test
    void aFileThatIsDamagedInTheMiddleIsReadAsFarAsItGoes() throws IOException {
        rotateTo("20261118-000000");
        Path gz = rotated("20261118-000000.gz");
        TailedFolder.compress(rotated("20261118-000000"));
        byte[] bytes = Files.readAllBytes(gz);
        Files.write(gz, Arrays.copyOf(bytes, bytes.length / 2));
        List<String> live = node.write(log, LINES);

        discover();
        node.settle();

        List<String> lines = node.collector.lines();
        assertThat(lines).containsAll(live);
        assertThat(lines.size()).isGreaterThan(LINES + LINES / 10);
        assertThat(written).containsAll(lines.subList(0, LINES / 10));
    }

    private void rotateTo(String stamp) throws IOException {
        written.addAll(node.write(log, LINES));
        Files.move(log, rotated(stamp));
    }

    private Path rotated(String stamp) {
        return log.resolveSibling("0.log." + stamp);
    }

    private void discover() {
        node.tail().containers(List.of(container()));
    }

    private ContainerSample container() {
        return RunningContainer.of("id", "c", "i", "kube-system/p", null, log.toString());
    }
}
