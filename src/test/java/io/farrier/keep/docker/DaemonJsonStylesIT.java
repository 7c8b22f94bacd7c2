package io.farrier.keep.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.FarrierConfig;
import io.farrier.plan.Outcome;
import io.farrier.plan.Outcome.Result;
import io.farrier.reconcile.Keeper;
import io.farrier.reconcile.Order;
import io.farrier.testing.Configurations;
import io.farrier.testing.DockerdOracle;
import io.farrier.testing.NodeBench;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * daemon.json in the styles of public repositories, each put before a real dockerd as it is and as farrier edits it. Another
 * suite's dockerd: {@code -Dfarrier.suite=trixie}.
 */
final class DaemonJsonStylesIT {
    private static final Path STYLES = Path.of("src/test/resources/io/farrier/document/daemon-json/styles");
    private static final Order BY_HAND = Order.byHand("root");

    /** What dockerd takes, or took before 23.0, and farrier does not touch. */
    private static final Set<String> STRICTER = Set.of(
            // It takes the last one in silence: an edit of the other would be one of nothing.
            "20-duplicate-key.json",
            "21-duplicate-list.json",
            "53-root-is-null.json",
            // From 23.0 on a byte order mark may also announce UTF-16.
            "59-utf-16.json",
            // Not read before 23.0, fatal from then on.
            "35-trailing-garbage.json",
            "36-trailing-brace.json",
            "37-second-object.json",
            "56-not-utf-8.json",
            "57-nul-byte.json");

    private static DockerdOracle dockerd;
    private static String version;

    @TempDir
    Path root;

    @BeforeAll
    static void findDockerd() throws IOException {
        dockerd = DockerdOracle.of(System.getProperty("farrier.suite", "host"));
        version = dockerd.version();
    }

    @AfterAll
    static void leaveNothing() throws IOException {
        dockerd.close();
    }

    static List<Path> styles() throws IOException {
        try (Stream<Path> files = Files.list(STYLES)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("styles")
    void isEditedSoThatDockerdTakesItOrRefusedAsDockerdRefusesIt(Path style) throws IOException {
        byte[] before = Files.readAllBytes(style);
        Optional<String> complaint = dockerd.complaint(before);
        NodeBench node = nodeWith(style, complaint);
        Outcome outcome = keeper(node).keep(BY_HAND).get(0);
        byte[] after = Files.readAllBytes(file());

        String verdicts = "dockerd " + version + ": " + complaint.orElse("takes it") + "\nfarrier: " + outcome;
        if (complaint.isPresent() || STRICTER.contains(style.getFileName().toString())) {
            assertThat(outcome.result()).as(verdicts).isIn(Result.REFUSED, Result.ROLLED_BACK);
            assertThat(after).isEqualTo(before);
            return;
        }
        assertThat(outcome.result()).as(verdicts).isEqualTo(Result.APPLIED);
        assertThat(dockerd.complaint(after)).as("on %s", text(after)).isEmpty();
        assertThat(text(after)).contains("ours.example:5000", "https://mirror.ours.example");

        assertThat(keeper(node).restore(BY_HAND).get(0).result()).isEqualTo(Result.APPLIED);
        assertThat(Files.readAllBytes(file())).isEqualTo(before);
    }

    /** A dockerd that runs: with this file, or since before it was written. */
    private NodeBench nodeWith(Path style, Optional<String> complaint) throws IOException {
        NodeBench node = new NodeBench(root);
        node.write("etc/docker/daemon.json", Files.readAllBytes(style));
        node.dockerd().version(version).judgedBy(dockerd::complaint);
        boolean isStrict = STRICTER.contains(style.getFileName().toString());
        if (complaint.isEmpty() && !isStrict) {
            node.dockerd().start();
        }
        return node;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private Path file() {
        return root.resolve("etc/docker/daemon.json");
    }

    private static Keeper keeper(NodeBench node) {
        FarrierConfig config = Configurations.of(
                List.of(Configurations.insecure("ours.example:5000")),
                Configurations.mirror("docker.io", "https://mirror.ours.example"),
                Map.of("max-concurrent-uploads", 3, "log-opts", Map.of("max-size", "7m")));
        return node.keeper(new DaemonJsonFile(config, node.files(), node.ledger(), Optional.of(node.runningDockerd())));
    }
}
