package io.farrier.keep.docker;

import static io.farrier.keep.docker.Certificates.CA;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.check.Catalogue;
import io.farrier.config.FarrierConfig;
import io.farrier.plan.Change;
import io.farrier.plan.Outcome;
import io.farrier.plan.Outcome.Result;
import io.farrier.reconcile.Brakes;
import io.farrier.reconcile.Keeper;
import io.farrier.reconcile.Order;
import io.farrier.testing.Configurations;
import io.farrier.testing.NodeBench;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a newer farrier thinks of one configuration is played by another one under the same fingerprint. */
final class UpgradeHoldTest {
    private static final String FILE = "etc/docker/daemon.json";
    private static final FarrierConfig OLD_IDEA = idea(Map.of("live-restore", true));
    private static final FarrierConfig NEW_IDEA = idea(Map.of("live-restore", true, "debug", true));

    @TempDir
    Path root;

    private NodeBench node;

    private static FarrierConfig idea(Map<String, Object> daemonJson) {
        return Configurations.of(List.of(Configurations.trusted("reg.example:5000", CA)), Map.of(), daemonJson);
    }

    @BeforeEach
    void settledByTheOldVersion() throws IOException {
        node = new NodeBench(root);
        node.write(FILE, "{}\n");
        node.dockerd().start();
        assertThat(round(OLD_IDEA)).containsOnly(Result.APPLIED);
        assertThat(round(OLD_IDEA)).containsOnly(Result.KEPT);
    }

    @Test
    void anotherPlanOfANewVersionWaitsForAnOrderAndIsSaid() throws IOException {
        Map<String, String> settled = node.tree();
        node.upgraded("0.2.0");

        assertThat(round(NEW_IDEA)).containsOnly(Result.KEPT);
        assertThat(node.tree()).isEqualTo(settled);
        Keeper.Upgrade held = keeper(NEW_IDEA).upgrade().orElseThrow();
        assertThat(held.plan().files())
                .singleElement()
                .satisfies(file ->
                        assertThat(file.changes()).extracting(Change::key).containsExactly("debug"));
        assertThat(Catalogue.upgradeWouldChange(held.from(), held.to(), held.plan(), NodeBench.NOW))
                .satisfies(finding -> assertThat(finding.key()).hasToString("upgrade.would-change"))
                .satisfies(finding -> assertThat(finding.title())
                        .isEqualTo("farrier 0.2.0 would change this node, which 0.1.0 left alone"))
                .satisfies(finding ->
                        assertThat(finding.detail()).endsWith("+ docker/daemon.json debug: nothing -> true."));

        assertThat(results(keeper(NEW_IDEA).keep(Order.byHand("root")))).contains(Result.APPLIED);
        assertThat(keeper(NEW_IDEA).upgrade()).isEmpty();
        assertThat(node.read(FILE)).contains("debug");
        assertThat(round(NEW_IDEA)).containsOnly(Result.KEPT);
    }

    @Test
    void itWaitsOnWhateverHappensToTheFile() throws IOException {
        node.upgraded("0.2.0");
        round(NEW_IDEA);
        node.write(FILE, "{\"live-restore\": false}\n");

        assertThat(round(NEW_IDEA)).containsOnly(Result.KEPT);
        assertThat(keeper(NEW_IDEA).upgrade()).isPresent();
        assertThat(node.read(FILE)).isEqualTo("{\"live-restore\": false}\n");
    }

    @Test
    void whatOnlyOneResourceWaitsForHoldsNoOther() throws IOException {
        node.upgraded("0.2.0");
        round(NEW_IDEA);
        node.write("etc/docker/certs.d/reg.example:5000/ca.crt", "not a CA\n");

        assertThat(round(NEW_IDEA)).containsExactly(Result.APPLIED, Result.KEPT);
        assertThat(node.read(FILE)).doesNotContain("debug");
    }

    @Test
    void anotherConfigurationIsAnOrderOfItsOwn() throws IOException {
        node.upgraded("0.2.0");
        round(NEW_IDEA);
        node.configured("configuration 2");

        assertThat(round(NEW_IDEA)).contains(Result.APPLIED);
        assertThat(node.read(FILE)).contains("debug");
    }

    @Test
    void theOldVersionThatComesBackGoesOnAsBefore() throws IOException {
        node.upgraded("0.2.0");
        round(NEW_IDEA);
        node.upgraded("0.1.0");
        node.write(FILE, "{}\n");

        assertThat(round(OLD_IDEA)).contains(Result.APPLIED);
        assertThat(keeper(OLD_IDEA).upgrade()).isEmpty();
    }

    @Test
    void aNewVersionWithTheSamePlanRepairsAsTheOldOneDid() throws IOException {
        node.upgraded("0.2.0");
        round(OLD_IDEA);
        node.write(FILE, "{}\n");

        assertThat(round(OLD_IDEA)).contains(Result.APPLIED);
    }

    @Test
    void whatSomebodyChangedWhileItWasUpgradedIsRepaired() throws IOException {
        node.write(FILE, "{}\n");
        node.upgraded("0.2.0");

        assertThat(round(OLD_IDEA)).contains(Result.APPLIED);
        assertThat(keeper(OLD_IDEA).upgrade()).isEmpty();
    }

    @Test
    void safeModeHoldsTheAgentAndNoOrder() throws IOException {
        node.safeMode().enter(new io.farrier.node.SafeMode(NodeBench.NOW, "it ended 3 times"));
        node.write(FILE, "{}\n");

        assertThat(keeper(OLD_IDEA).keep(Order.agent()))
                .flatExtracting(Outcome::withheld)
                .singleElement()
                .satisfies(withheld -> assertThat(withheld.because())
                        .isEqualTo("the agent is in safe mode since 2026-11-20T12:00:00Z: it ended 3 times."
                                + " Run 'farrier resume'."));
        assertThat(node.read(FILE)).isEqualTo("{}\n");
        assertThat(results(keeper(OLD_IDEA).keep(Order.byHand("root")))).contains(Result.APPLIED);
    }

    @Test
    void aRoundThatFindsNothingWritesNothing() throws IOException {
        Map<String, String> before = node.stamps();
        round(OLD_IDEA);
        assertThat(results(keeper(OLD_IDEA).keep(Order.byHand("root")))).containsOnly(Result.KEPT);
        assertThat(node.stamps()).isEqualTo(before);
    }

    private List<Result> round(FarrierConfig config) throws IOException {
        return results(keeper(config).keep(Order.agent()));
    }

    private static List<Result> results(List<Outcome> outcomes) {
        return outcomes.stream().map(Outcome::result).toList();
    }

    private Keeper keeper(FarrierConfig config) {
        node.with(new Brakes.Policy(true, Map.of(), false, true));
        return node.keeper(
                new CertsDirectory(config, node.files(), node.ledger()),
                new DaemonJsonFile(config, node.files(), node.ledger(), java.util.Optional.of(node.runningDockerd())));
    }
}
