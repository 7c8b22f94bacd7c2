package io.farrier.keep.docker;

import static io.farrier.keep.docker.Certificates.CA;
import static io.farrier.keep.docker.Certificates.OTHER_CA;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.ClientPair;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.image.RegistryHost;
import io.farrier.pki.PemFixture;
import io.farrier.plan.Change;
import io.farrier.plan.Consequence;
import io.farrier.plan.DaemonName;
import io.farrier.plan.FilePlan;
import io.farrier.plan.NodePlan;
import io.farrier.plan.ResourceName;
import io.farrier.reconcile.HandScript;
import io.farrier.reconcile.Keeper;
import io.farrier.reconcile.Order;
import io.farrier.secret.Secret;
import io.farrier.testing.Configurations;
import io.farrier.testing.NodeBench;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is explained, done by a real shell, is what apply does. */
final class HandScriptTest {
    private static final String FILE = "etc/docker/daemon.json";
    private static final String PASSWORD = "hunter2";
    private static final Order BY_HAND = Order.byHand("root").allowingRemoval();
    private static final String KEY = new String(PemFixture.bytes("client.key"), StandardCharsets.US_ASCII);

    private static final FarrierConfig FIRST = Configurations.of(
            List.of(
                    Configurations.trusted("its:5000", CA),
                    withPair("mutual.example:5000"),
                    Configurations.insecure("plain.example:5000")),
            Map.of(),
            Map.of("live-restore", true));
    private static final FarrierConfig SECOND =
            Configurations.of(List.of(Configurations.trusted("mutual.example:5000", OTHER_CA)));

    @TempDir
    Path folder;

    private NodeBench farriers;
    private NodeBench hands;

    @BeforeEach
    void prepare() throws IOException {
        farriers = bench("it's by farrier");
        hands = bench("it's by hand");
    }

    @Test
    void aShellMakesTheSameFilesWithTheSameModes() throws Exception {
        keeper(farriers, FIRST).keep(BY_HAND);

        List<String> lines = byHand(FIRST, "first");

        assertThat(hands.tree()).isEqualTo(farriers.tree());
        assertThat(String.join("\n", lines))
                .contains(
                        "# docker/certs.d",
                        "#   + live-restore: (none) -> true (reload of docker)",
                        "# farrier does these in one step; here pulls that begin in between fail.")
                .doesNotContain(PASSWORD, KEY.lines().toList().get(1), "BEGIN");
    }

    @Test
    void aShellTakesAwayTheSameFilesAndFolders() throws Exception {
        keeper(farriers, FIRST).keep(BY_HAND);
        keeper(hands, FIRST).keep(BY_HAND);

        keeper(farriers, SECOND).keep(BY_HAND);
        byHand(SECOND, "second");

        assertThat(hands.tree()).isEqualTo(farriers.tree());
        assertThat(hands.root().resolve("etc/docker/certs.d/its:5000")).doesNotExist();
    }

    @Test
    void theShellStopsBeforeTheFirstWriteWhereSomethingChangedMeanwhile() throws Exception {
        NodePlan plan = keeper(hands, FIRST).plan(BY_HAND);
        Path staged = folder.resolve("staged");
        HandScript script = new HandScript(hands.files(), hands.ledger());
        script.stage(plan, staged);
        hands.write(FILE, "{}");
        Map<String, String> before = hands.tree();

        assertThat(sh(script.lines(plan, staged))).isNotZero();

        assertThat(hands.tree()).isEqualTo(before);
    }

    @Test
    void theContentsAreTheirOwnersAlone() throws IOException {
        Path staged = folder.resolve("staged");
        new HandScript(hands.files(), hands.ledger()).stage(keeper(hands, FIRST).plan(BY_HAND), staged);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(staged)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(staged.resolve("1"))))
                .isEqualTo("rw-------");
    }

    @Test
    void daemonsAreToldAndForeignTextRunsNothing() throws IOException {
        Change reload = change(
                "evil\ntouch /tmp/evil\u2028#",
                new Consequence(new DaemonName("docker"), Consequence.Action.RELOAD, "it reads this again"));
        NodePlan plan = new NodePlan(List.of(new FilePlan(
                new ResourceName("docker/daemon.json"),
                List.of(),
                List.of(reload),
                List.of(),
                Optional.empty(),
                new TreeSet<>())));

        List<String> lines =
                new HandScript(io.farrier.node.NodeFiles.below(Path.of("/")), hands.ledger()).lines(plan, folder);

        assertThat(lines)
                .contains("systemctl reload 'docker' || kill -HUP \"$(cat /run/docker.pid)\"")
                .contains("#   + evil?touch /tmp/evil?#: (none) -> (none) (reload of docker)")
                .noneMatch(line -> line.startsWith("touch"));
    }

    private static Change change(String key, Consequence consequence) {
        return new Change(
                Change.Kind.ADD, key, Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(consequence));
    }

    private List<String> byHand(FarrierConfig config, String stage) throws Exception {
        NodePlan plan = keeper(hands, config).plan(BY_HAND);
        Path staged = folder.resolve(stage + " it's");
        HandScript script = new HandScript(hands.files(), hands.ledger());
        script.stage(plan, staged);
        List<String> lines = script.lines(plan, staged);
        assertThat(sh(lines)).as(String.join("\n", lines)).isZero();
        return lines;
    }

    private int sh(List<String> lines) throws Exception {
        Path script = Files.write(folder.resolve("script"), lines);
        return new ProcessBuilder("sh", script.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("script.out").toFile())
                .start()
                .waitFor();
    }

    private NodeBench bench(String name) throws IOException {
        NodeBench bench = new NodeBench(Files.createDirectory(folder.resolve(name)));
        Path file = bench.write(FILE, "{\n  \"proxies\": {\"http-proxy\": \"http://u:" + PASSWORD + "@p:1\"}\n}\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        bench.dockerd().start();
        return bench;
    }

    private static Keeper keeper(NodeBench bench, FarrierConfig config) {
        return bench.keeper(
                new CertsDirectory(config, bench.files(), bench.ledger()),
                new DaemonJsonFile(config, bench.files(), bench.ledger(), Optional.of(bench.runningDockerd())));
    }

    private static Registry withPair(String host) {
        return new Registry(
                RegistryHost.parse(host),
                Optional.of(CA),
                Optional.of(new ClientPair(PemFixture.bytes("client.cert"), Secret.of(KEY))),
                Optional.empty(),
                false,
                Optional.empty());
    }
}
