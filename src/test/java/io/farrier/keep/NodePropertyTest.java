package io.farrier.keep;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.FarrierConfig;
import io.farrier.keep.containerd.HostsDirectory;
import io.farrier.keep.docker.CertsDirectory;
import io.farrier.keep.docker.DaemonJsonFile;
import io.farrier.keep.rancher.RancherNode.Distribution;
import io.farrier.keep.rancher.RegistriesYamlFile;
import io.farrier.plan.FilePlan;
import io.farrier.plan.FileState;
import io.farrier.plan.Outcome;
import io.farrier.plan.Outcome.Result;
import io.farrier.reconcile.Keeper;
import io.farrier.reconcile.Order;
import io.farrier.testing.CrashEnumeration.Kill;
import io.farrier.testing.Killed;
import io.farrier.testing.NodeBench;
import io.farrier.testing.RandomNode;
import io.farrier.testing.Trials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The laws of DESIGN for any node and any chain of configurations: all kept files together, on disk, through the keeper. */
final class NodePropertyTest {
    private static final int TRIALS = 3;

    /** Some fall behind the end of a change: then nobody is killed. */
    private static final int KILLED_WITHIN = 60;

    private static final Order BY_HAND = Order.byHand("root");
    private static final Path DAEMON_JSON = Path.of("/etc/docker/daemon.json");
    private static final Path DOCKER_CERTS = Path.of("/etc/docker/certs.d");
    private static final Path REGISTRIES_YAML = Path.of("/etc/rancher/k3s/registries.yaml");
    private static final Path CONTAINERD_CERTS = Path.of("/etc/containerd/certs.d");

    @TempDir
    Path folder;

    private int nodes;

    @Test
    void settlesIsQuietAndWholeAndRestoreGivesBackEveryByte() {
        Trials.run(TRIALS, "farrier.disk.trials", random -> {
            RandomNode chance = new RandomNode(random);
            NodeBench node = new NodeBench(Files.createDirectory(folder.resolve("node-" + ++nodes)));
            furnish(node, chance);
            Map<String, String> before = node.tree();
            for (int i = random.nextInt(3); i >= 0; i--) {
                keep(node, chance.configuration(), random);
            }
            restore(node, chance.configuration(), random);
            assertThat(node.tree()).isEqualTo(before);
        });
    }

    private static void furnish(NodeBench node, RandomNode chance) throws IOException {
        Map<Path, FileState> prior = new TreeMap<>(chance.dockerCerts(DOCKER_CERTS));
        prior.putAll(chance.containerdCerts(CONTAINERD_CERTS));
        prior.put(DAEMON_JSON, chance.daemonJson());
        prior.put(REGISTRIES_YAML, chance.registriesYaml());
        for (Map.Entry<Path, FileState> file : prior.entrySet()) {
            node.files().write(file.getKey(), file.getValue());
        }
        node.write("etc/containerd/config.toml", """
                version = 2
                [plugins."io.containerd.grpc.v1.cri".registry]
                  config_path = "/etc/containerd/certs.d"
                """);
        node.dockerd().start();
    }

    private static void keep(NodeBench node, FarrierConfig config, Random random) throws IOException {
        Map<String, String> before = node.tree();
        NodeBench dying = node.dyingAt(new Kill(1 + random.nextInt(KILLED_WITHIN)));
        try {
            keeper(dying, config).keep(BY_HAND);
        } catch (Killed killed) {
            keeper(node, config).recover();
            assertThat(node.ledger().openChange()).isEmpty();
            assertThat(node.tree().equals(before) || isSettled(node, config))
                    .as("wholly old or wholly new, killed at %s", killed.getMessage())
                    .isTrue();
        }
        assertDone(keeper(node, config).keep(BY_HAND));
        assertThat(isSettled(node, config)).isTrue();
        Map<String, String> stamps = node.stamps();
        assertThat(keeper(node, config).keep(BY_HAND)).allMatch(outcome -> outcome.result() == Result.KEPT);
        assertThat(node.stamps()).as("nothing is written the second time").isEqualTo(stamps);
    }

    private static boolean isSettled(NodeBench node, FarrierConfig config) throws IOException {
        return keeper(node, config).plan(BY_HAND).files().stream().allMatch(NodePropertyTest::isSettled);
    }

    private static boolean isSettled(FilePlan plan) {
        return plan.edits().isEmpty()
                && plan.changes().isEmpty()
                && plan.refusal().isEmpty();
    }

    private static void restore(NodeBench node, FarrierConfig config, Random random) throws IOException {
        try {
            NodeBench dying = node.dyingAt(new Kill(1 + random.nextInt(KILLED_WITHIN)));
            keeper(dying, config).restore(BY_HAND);
        } catch (Killed killed) {
            keeper(node, config).recover();
        }
        assertDone(keeper(node, config).restore(BY_HAND));
    }

    private static Keeper keeper(NodeBench node, FarrierConfig config) {
        return node.keeper(
                new CertsDirectory(config, node.files(), node.ledger()),
                new DaemonJsonFile(config, node.files(), node.ledger(), Optional.of(node.runningDockerd())),
                new HostsDirectory(config, node.files(), node.ledger()),
                new RegistriesYamlFile(config, Distribution.K3S, node.files(), node.ledger(), Optional.empty()));
    }

    private static void assertDone(List<Outcome> outcomes) {
        assertThat(outcomes).allMatch(outcome -> outcome.result() == Result.APPLIED || outcome.result() == Result.KEPT);
    }
}
