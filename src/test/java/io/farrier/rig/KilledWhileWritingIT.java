package io.farrier.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.config.FarrierConfig;
import io.farrier.keep.docker.CertsDirectory;
import io.farrier.keep.docker.DaemonJsonFile;
import io.farrier.reconcile.Keeper;
import io.farrier.reconcile.Order;
import io.farrier.testing.Configurations;
import io.farrier.testing.CrashEnumeration.Kill;
import io.farrier.testing.Killed;
import io.farrier.testing.NodeBench;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.TestCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Killed at a step of a change together with dockerd, as by a power cut: recovered before dockerd starts, dockerd is up. */
final class KilledWhileWritingIT {
    private static final String BEFORE = "{\n  \"insecure-registries\": [\"own.example:5000\"]\n}\n";
    private static final Order BY_HAND = Order.byHand("root");
    private static final FarrierConfig WANTED = Configurations.of(
            List.of(
                    Configurations.trusted("a.example:5000", TestCertificates.CA),
                    Configurations.insecure("plain.example:5000")),
            Configurations.mirror("docker.io", "https://mirror.example"),
            Map.of("debug", true));

    @RegisterExtension
    static final PracticeNode NODE = PracticeNode.named("killed").daemonJson(BEFORE);

    private static NodeBench bench;

    /** The node's folder as a root. */
    @BeforeAll
    static void lookFromOutside() throws IOException {
        Path etc = Files.createDirectories(NODE.directory().resolve("etc"));
        Files.createSymbolicLink(etc.resolve("docker"), Path.of("../etc-docker"));
        bench = new NodeBench(NODE.directory());
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 9, 12, 14, 17, 20})
    void dockerdStartsAndIsWhollyOldOrWhollyNew(int step) throws IOException {
        Kill kill = new Kill(step);
        NodeBench dying = bench.dyingAt(kill);
        assertThatThrownBy(() -> keeper(dying, WANTED).keep(BY_HAND)).isInstanceOf(Killed.class);
        NODE.kill("dockerd");

        keeper(bench, WANTED).recover();
        NODE.start("dockerd");
        String live = NODE.docker("info", "-f", "{{json .RegistryConfig}} debug={{.Debug}}")
                .succeeded()
                .out();
        boolean isNew = keeper(bench, WANTED).plan(BY_HAND).isNoop();
        assertThat(live)
                .as("killed at %s", kill)
                .contains("own.example:5000")
                .satisfies(
                        seen -> assertThat(seen.contains("plain.example:5000")).isEqualTo(isNew))
                .satisfies(seen ->
                        assertThat(seen.contains("https://mirror.example")).isEqualTo(isNew))
                .contains("debug=" + isNew);

        keeper(bench, WANTED).restore(BY_HAND);
        assertThat(NODE.file("/etc/docker/daemon.json")).hasContent(BEFORE);
    }

    private static Keeper keeper(NodeBench node, FarrierConfig config) {
        return node.keeper(
                Map.of(),
                new CertsDirectory(config, node.files(), node.ledger()),
                new DaemonJsonFile(config, node.files(), node.ledger(), Optional.empty()));
    }
}
