package io.farrier.keep.docker;

import static io.farrier.keep.docker.Certificates.CA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.farrier.config.FarrierConfig;
import io.farrier.feed.ByteRange;
import io.farrier.feed.Frame;
import io.farrier.image.RegistryHost;
import io.farrier.ledger.StateFormat;
import io.farrier.logs.Checkpoint;
import io.farrier.logs.CheckpointFile;
import io.farrier.node.Starts;
import io.farrier.plan.Outcome;
import io.farrier.plan.Outcome.Result;
import io.farrier.reconcile.Keeper;
import io.farrier.reconcile.Order;
import io.farrier.registry.RefusedLogins;
import io.farrier.registry.Registry;
import io.farrier.secret.Secret;
import io.farrier.spool.DiskSpool;
import io.farrier.testing.Configurations;
import io.farrier.testing.NodeBench;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Nodes as each released version left them, taken up by this one and, where only this one's marks are new, by the older
 * again (SAFETY 14). With a release its state is added once: {@code -Dfarrier.golden=src/test/resources/state/VERSION}.
 * None is released yet: 0.1.0 stands here as what is to be released as that, and is made anew when a file of it changes.
 *
 * <p>{@code node.key}, {@code ca-uses.json} and {@code refused-logins.json} were put there by hand; the first two are read by
 * tests in their own rooms. Not there: copied lines ({@code units}, {@code docker-logs}), whose position names inodes, and what
 * is kept on k3s, RKE2 and plain containerd.
 */
final class GoldenStateTest {
    private static final Path GOLDEN = Path.of("src/test/resources/state");
    private static final String BEFORE = "{\n\t\"log-driver\":   \"json-file\"\n}";
    private static final FarrierConfig WANTED = Configurations.of(
            List.of(Configurations.trusted("reg.example:5000", CA)), Map.of(), Map.of("live-restore", true));

    @TempDir
    Path root;

    @ParameterizedTest
    @ValueSource(strings = "0.1.0")
    void whatAReleaseLeftIsKnownAndGivenBack(String release) throws IOException {
        NodeBench node = node(release);
        Map<String, String> left = node.tree();

        assertThat(results(keeper(node).keep(Order.agent()))).containsOnly(Result.KEPT);
        assertThat(node.tree()).isEqualTo(left);
        assertThat(node.ledger().history()).hasSize(1);
        assertThat(node.ledger().settled().orElseThrow().resources()).hasSize(2);

        assertThat(results(keeper(node).restore(Order.byHand("root")))).containsOnly(Result.APPLIED);
        assertThat(node.read("etc/docker/daemon.json")).isEqualTo(BEFORE);
        assertThat(root.resolve("etc/docker/certs.d")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = "0.1.0")
    void cursorsAndWhatWaitsForTheCollectorAreTakenUp(String release) throws IOException {
        NodeBench node = node(release);
        Path state = root.resolve("var/lib/farrier");

        new StateFormat(node.files(), Configurations.STATE_DIR).check();
        assertThat(new CheckpointFile(state).content().entries())
                .singleElement()
                .satisfies(cursor -> {
                    assertThat(cursor.container()).isEqualTo("etcd");
                    assertThat(cursor.acked()).containsExactly(new ByteRange(0, 1234));
                });
        try (DiskSpool spool = DiskSpool.open(state.resolve("spool"), DiskSpool.DEFAULT_BYTES, new Random(2))) {
            assertThat(spool.after(0, 10))
                    .hasSize(3)
                    .allSatisfy(event -> assertThat(event.topic()).isEqualTo(Frame.Topic.OUTCOME));
        }
        RefusedLogins refused = new RefusedLogins(node.files(), Configurations.STATE_DIR, node.clock());
        RegistryHost registry = RegistryHost.parse("reg.example:5000");
        assertThat(refused.heldUntil(registry, new Registry.Login("robot", Secret.of("yesterday"))))
                .contains(NodeBench.NOW.plus(Duration.ofMinutes(14)));
        assertThat(refused.heldUntil(registry, new Registry.Login("robot", Secret.of("today"))))
                .isEmpty();
        assertThat(new Starts(node.files(), Configurations.STATE_DIR, node.clock()).begin())
                .isEmpty();
    }

    @Test
    void whatAYoungerFarrierWroteInAWayOfItsOwnIsRefusedBeforeAnythingIsTouched() throws IOException {
        NodeBench node = node("0.1.0");
        node.write("var/lib/farrier/format", "2 0.9.0\n");
        Map<String, String> before = node.stamps();

        assertThatThrownBy(() -> new StateFormat(node.files(), Configurations.STATE_DIR).check())
                .hasMessage(
                        "Tried to use /var/lib/farrier, but farrier 0.9.0 wrote it in format 2 and this version knows 1."
                                + " Nothing was touched. Install that version again, or, to start anew without what it remembers,"
                                + " move the folder away.");
        assertThat(node.stamps()).isEqualTo(before);
    }

    @Test
    void aYoungerFarrierOfTheSameFormatLeavesWhatAnOlderOneReads() throws IOException {
        NodeBench node = node("0.1.0");
        StateFormat format = new StateFormat(node.files(), Configurations.STATE_DIR);
        format.claim("0.2.0");
        format.check();
        node.upgraded("0.2.0");
        keeper(node).keep(Order.agent());
        node.upgraded("0.1.0");

        assertThat(results(keeper(node).keep(Order.agent()))).containsOnly(Result.KEPT);
        cursorsAreThere();
    }

    private void cursorsAreThere() throws IOException {
        assertThat(new CheckpointFile(root.resolve("var/lib/farrier")).content().entries())
                .hasSize(1);
    }

    /** The files of the release as it left them. */
    private NodeBench node(String release) throws IOException {
        Path golden = GOLDEN.resolve(release);
        try (Stream<Path> paths = Files.walk(golden)) {
            for (Path path : paths.sorted().toList()) {
                Path to = root.resolve(golden.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(to);
                } else {
                    Files.copy(path, to);
                    boolean isState = to.startsWith(root.resolve("var"));
                    Files.setPosixFilePermissions(
                            to, PosixFilePermissions.fromString(isState ? "rw-------" : "rw-r--r--"));
                }
            }
        }
        NodeBench node = new NodeBench(root);
        node.dockerd().start();
        return node;
    }

    private static Keeper keeper(NodeBench node) {
        return node.keeper(
                new CertsDirectory(WANTED, node.files(), node.ledger()),
                new DaemonJsonFile(WANTED, node.files(), node.ledger(), Optional.of(node.runningDockerd())));
    }

    private static List<Result> results(List<Outcome> outcomes) {
        return outcomes.stream().map(Outcome::result).toList();
    }

    /** Makes the golden folder of this version. */
    @Test
    @EnabledIfSystemProperty(named = "farrier.golden", matches = ".+")
    void writesTheStateOfThisVersion() throws IOException {
        Path golden = Files.createDirectories(Path.of(System.getProperty("farrier.golden")));
        NodeBench node = new NodeBench(golden);
        node.write("etc/docker/daemon.json", BEFORE);
        node.dockerd().start();
        keeper(node).keep(Order.agent());
        Path state = golden.resolve("var/lib/farrier");
        new StateFormat(node.files(), Configurations.STATE_DIR).claim("0.1.0");
        Starts starts = new Starts(node.files(), Configurations.STATE_DIR, node.clock());
        starts.begin();
        starts.end();
        Checkpoint.Entry cursor = new Checkpoint.Entry(
                "c1-5-7",
                "c1",
                "etcd",
                Frame.Form.DOCKER,
                "/var/lib/docker/containers/c1/c1-json.log",
                0,
                Map.of("io.rancher.rke.container.name", "etcd"),
                5,
                7,
                2000,
                List.of(new ByteRange(0, 1234)),
                List.of(),
                Map.of(),
                true,
                false,
                null);
        new CheckpointFile(state).write(new Checkpoint(1, List.of(cursor), true));
        try (DiskSpool spool = DiskSpool.open(
                Files.createDirectories(state.resolve("spool")), DiskSpool.DEFAULT_BYTES, new Random(1))) {
            for (int i = 0; i < 3; i++) {
                spool.append(
                        Frame.Topic.OUTCOME,
                        NodeBench.NOW,
                        JsonNodeFactory.instance.objectNode().put("resource", "docker/certs.d"));
            }
        }
    }
}
