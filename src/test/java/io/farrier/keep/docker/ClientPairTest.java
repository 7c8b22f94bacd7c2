package io.farrier.keep.docker;

import static io.farrier.keep.docker.Certificates.CA;
import static io.farrier.keep.docker.Certificates.OTHER_CA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.ClientPair;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.image.RegistryHost;
import io.farrier.node.CrashPoint;
import io.farrier.plan.Change;
import io.farrier.plan.Outcome;
import io.farrier.plan.Outcome.Result;
import io.farrier.reconcile.Keeper;
import io.farrier.reconcile.Order;
import io.farrier.secret.Secret;
import io.farrier.testing.Configurations;
import io.farrier.testing.CrashEnumeration;
import io.farrier.testing.Killed;
import io.farrier.testing.NodeBench;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Docker never finds half a client pair, or two halves, whatever happens to it and wherever farrier dies (SAFETY 47). */
final class ClientPairTest {
    private static final String FOLDER = "etc/docker/certs.d/reg.example:5000/";
    private static final Order BY_HAND = Order.byHand("root").allowingRemoval();
    private static final FarrierConfig NONE = Configurations.of(List.of());
    private static final FarrierConfig ONE = client(CA, "key one");
    private static final FarrierConfig TWO = client(OTHER_CA, "key two");

    @TempDir
    Path root;

    private NodeBench node;
    private final List<String> pulls = new ArrayList<>();

    @BeforeEach
    void prepare() throws IOException {
        node = new NodeBench(root);
        node.dockerd().start();
    }

    @Test
    void comesChangesAndGoesInOneStepEach() throws IOException {
        Map<String, String> before = node.tree();
        keepWhilePulling(ONE);
        assertThat(pulls).containsOnly("none", "one").contains("none", "one");
        keepWhilePulling(TWO);
        assertThat(pulls).containsOnly("one", "two").contains("one", "two");
        keepWhilePulling(NONE);
        assertThat(pulls).containsOnly("two", "none").contains("two", "none");
        assertThat(node.tree()).isEqualTo(before);
    }

    @Test
    void comesInOneStepWhereAnOperatorHasFilesAlready() throws IOException {
        node.write(FOLDER + "ca.crt", OTHER_CA);
        node.write(FOLDER + "README", "do not touch");
        Files.createSymbolicLink(root.resolve(FOLDER + "corporate.crt"), Path.of("ca.crt"));
        Object inode = Files.getAttribute(root.resolve(FOLDER + "README"), "unix:ino");
        Map<String, String> before = node.tree();

        keepWhilePulling(ONE);

        assertThat(pulls).containsOnly("none", "one");
        assertThat(Files.getAttribute(root.resolve(FOLDER + "README"), "unix:ino"))
                .isEqualTo(inode);
        assertThat(root.resolve(FOLDER + "corporate.crt")).isSymbolicLink();
        keeper(node, NONE).keep(BY_HAND);
        assertThat(node.tree()).isEqualTo(before);
    }

    @Test
    void isWholeWhereverFarrierDiesAndWhileItRecovers() throws IOException {
        for (List<FarrierConfig> way : List.of(List.of(NONE, ONE), List.of(ONE, TWO), List.of(TWO, NONE))) {
            keeper(node, way.get(0)).keep(BY_HAND);
            Map<String, String> before = node.tree();
            int steps = CrashEnumeration.atEveryStep(kill -> {
                NodeBench dying = node.dyingAt(kill);
                assertThatThrownBy(() -> keeper(dying, way.get(1)).keep(BY_HAND))
                        .isInstanceOf(Killed.class);
                pull();
                keeper(node.dyingAt(this::pull), way.get(1)).recover();
                assertThat(node.tree().equals(before)
                                || keeper(node, way.get(1)).plan(BY_HAND).isNoop())
                        .as("step %d: %s", kill.step(), kill)
                        .isTrue();
                assertThat(names("etc/docker/certs.d")).noneMatch(name -> name.startsWith("."));
                keeper(node, way.get(0)).keep(BY_HAND);
                assertThat(node.tree()).isEqualTo(before);
            });
            assertThat(steps).isGreaterThan(10);
            keeper(node, way.get(1)).keep(BY_HAND);
        }
        assertThat(pulls).containsOnly("none", "one", "two");
    }

    @Test
    void aRestoreTakesItAwayInOneStep() throws IOException {
        keeper(node, ONE).keep(BY_HAND);
        keeper(node.dyingAt(this::pull), ONE).restore(BY_HAND);
        assertThat(pulls).containsOnly("one", "none").contains("none");
    }

    @Test
    void staysWholeWhenSomebodyChangedOneHalf() throws IOException {
        keeper(node, ONE).keep(BY_HAND);
        node.write(FOLDER + "client.key", "key one, with a remark");

        Outcome outcome = keeper(node, NONE).keep(BY_HAND).get(0);

        assertThat(names(FOLDER)).containsExactly("client.cert", "client.key");
        assertThat(outcome.withheld())
                .extracting(held -> held.change().kind() + " " + held.change().key() + ": " + held.because())
                .containsExactlyInAnyOrder(
                        "REMOVE reg.example:5000/client.cert: without it Docker would fail every pull, and client.key stays.",
                        "REMOVE reg.example:5000/client.key: somebody changed it since farrier wrote it. Remove it by hand if"
                                + " it is not needed.");
        assertThat(keeper(node, NONE).plan(BY_HAND).files().get(0).changes())
                .extracting(Change::key)
                .isEmpty();
    }

    @Test
    void isWrittenOneAfterTheOtherWhereAFolderIsInTheWay() throws IOException {
        Files.createDirectories(root.resolve(FOLDER + "old"));
        assertThat(keeper(node, ONE).keep(BY_HAND)).extracting(Outcome::result).containsExactly(Result.APPLIED);
        assertThat(names(FOLDER)).containsExactly("client.cert", "client.key", "old");
        keeper(node, NONE).keep(BY_HAND);
        assertThat(names(FOLDER)).containsExactly("old");
    }

    private void keepWhilePulling(FarrierConfig config) throws IOException {
        pulls.clear();
        assertThat(keeper(node.dyingAt(this::pull), config).keep(BY_HAND))
                .extracting(Outcome::result)
                .containsExactly(Result.APPLIED);
    }

    private void pull(CrashPoint.Step step, Path path) {
        pull();
    }

    /** As dockerd: it lists the folder, then reads both files of a pair. */
    private void pull() {
        try {
            List<String> pair = names(FOLDER).stream()
                    .filter(name -> name.startsWith("client."))
                    .toList();
            assertThat(pair.size()).as("Docker fails every pull: %s", pair).isIn(0, 2);
            pulls.add(pair.isEmpty() ? "none" : pairRead());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private String pairRead() throws IOException {
        byte[] cert = Files.readAllBytes(root.resolve(FOLDER + "client.cert"));
        String key = Files.readString(root.resolve(FOLDER + "client.key"));
        assertThat(Arrays.equals(cert, CA)).as("%s is its key", key).isEqualTo(key.equals("key one"));
        return key.replace("key ", "");
    }

    private List<String> names(String folder) throws IOException {
        if (!Files.isDirectory(root.resolve(folder))) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(root.resolve(folder))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static FarrierConfig client(byte[] cert, String key) {
        return Configurations.of(List.of(new Registry(
                RegistryHost.parse("reg.example:5000"),
                Optional.empty(),
                Optional.of(new ClientPair(cert, Secret.of(key))),
                Optional.empty(),
                false,
                Optional.empty())));
    }

    private static Keeper keeper(NodeBench bench, FarrierConfig config) {
        return bench.keeper(new CertsDirectory(config, bench.files(), bench.ledger()));
    }
}
