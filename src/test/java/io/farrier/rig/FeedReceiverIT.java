package io.farrier.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.farrier.testing.PracticeNode;
import io.farrier.testing.PythonCollector;
import io.farrier.testing.RunningFarrier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The real agent feeds a collector in another language, written from {@code feed.md} alone. */
final class FeedReceiverIT {
    private static final int LINES = 3_000;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final Pattern NUMBER = Pattern.compile("\"log\":\"line (\\d+) of etcd");

    @RegisterExtension
    final PracticeNode node = PracticeNode.named("receiver");

    @Test
    void eachLineArrivesOnceThoughTheReceiverIsKilledWhileTheyFlow() throws IOException {
        try (PythonCollector receiver = PythonCollector.beside(
                node,
                "feed_receiver.py",
                "--token-file",
                PythonCollector.tokenFile(node).toString(),
                "--dir",
                received().toString())) {
            node.configure("mode: keep\n" + receiver.section());
            try (RunningFarrier agent = node.startFarrier("agent")) {
                // The agent is to know the container before its first file is rotated away.
                node.runScript(
                        "etcd",
                        "sleep 4; for i in $(seq 1 " + LINES
                                + "); do echo \"line $i of etcd\"; [ $((i % 10)) = 0 ] && usleep 20000; done",
                        "--log-opt",
                        "max-size=40k",
                        "--log-opt",
                        "max-file=5");
                awaitNumbers(LINES / 6, receiver);
                receiver.kill();
                assertThat(numbers()).as("lines at the time of the kill").hasSizeLessThan(LINES);
                // All the others are printed, and some of their files rotated away, while nobody receives.
                node.docker("wait", "etcd").succeeded();

                receiver.restart();
                awaitNumbers(LINES, receiver);

                assertThat(numbers())
                        .isEqualTo(IntStream.rangeClosed(1, LINES).boxed().toList());
                assertThat(agent.isAlive()).isTrue();
                assertThat(receiver.output()).doesNotContain("refused", "Traceback");
            }
        }
    }

    private void awaitNumbers(int atLeast, PythonCollector receiver) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(numbers()).as(receiver.output()).hasSizeGreaterThanOrEqualTo(atLeast));
    }

    /** Of the lines of all sources, as the receiver wrote them to disk. */
    private List<Integer> numbers() throws IOException {
        Path ofThisNode = received().resolve("receiver");
        if (!Files.isDirectory(ofThisNode)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(ofThisNode)) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .flatMap(file -> NUMBER.matcher(text(file)).results())
                    .map(number -> Integer.valueOf(number.group(1)))
                    .sorted()
                    .toList();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path received() {
        return node.directory().resolve("received");
    }
}
