package io.farrier.keep.docker;

import static io.farrier.keep.docker.Certificates.CA;
import static io.farrier.keep.docker.Certificates.OTHER_CA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.Manage;
import io.farrier.keep.Managed;
import io.farrier.plan.Outcome;
import io.farrier.plan.Outcome.Result;
import io.farrier.plan.Reason;
import io.farrier.plan.ResourceName;
import io.farrier.reconcile.Brakes;
import io.farrier.reconcile.Keeper;
import io.farrier.reconcile.Order;
import io.farrier.sample.ContainerSample;
import io.farrier.testing.Configurations;
import io.farrier.testing.CrashEnumeration;
import io.farrier.testing.Killed;
import io.farrier.testing.NodeBench;
import io.farrier.testing.RunningContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keeper with both of Docker's resources. */
final class KeeperTest {
    private static final String FILE = "etc/docker/daemon.json";
    private static final String BEFORE = "{\n  \"log-driver\": \"json-file\"\n}\n";
    private static final Order BY_HAND = Order.byHand("root");
    private static final FarrierConfig WANTED = Configurations.of(
            List.of(Configurations.trusted("reg.example:5000", CA), Configurations.insecure("plain.example:5000")),
            Map.of(),
            Map.of("live-restore", true));

    @TempDir
    Path root;

    private NodeBench node;

    @BeforeEach
    void prepare() throws IOException {
        node = new NodeBench(root);
        node.write(FILE, BEFORE);
        node.dockerd().start();
    }

    @Test
    void appliesBothWithOneReload() throws IOException {
        assertThat(results(keeper(WANTED).keep(BY_HAND))).containsExactly(Result.APPLIED, Result.APPLIED);
        assertThat(node.dockerd().live().insecureRegistries()).containsExactly("plain.example:5000");
        assertThat(node.dockerd().live().liveRestore()).isTrue();
        assertThat(node.dockerd().reloads()).isEqualTo(1);
        assertThat(node.dockerd().restarts()).isZero();
    }

    @Test
    void putsEverythingBackWhenDockerdDoesNotConfirm() throws IOException {
        Map<String, String> before = node.tree();
        node.dockerd().deaf();
        List<Outcome> outcomes = keeper(WANTED).keep(BY_HAND);
        assertThat(results(outcomes)).containsExactly(Result.ROLLED_BACK, Result.ROLLED_BACK);
        assertThat(outcomes.get(0).reason().orElseThrow().sentence())
                .isEqualTo("Tried to reload docker: Tried to reload dockerd but no reload event came within 10 s."
                        + " See 'journalctl -u docker'. farrier put the files back. docker did not confirm that it reads"
                        + " them again: Tried to reload dockerd but no reload event came within 10 s.");
        assertThat(node.tree()).isEqualTo(before);
        assertThat(node.ledger().openChange()).isEmpty();
    }

    @Test
    void takesEverythingOutOfEffectWhenTheConfigurationIsEmptied() throws IOException {
        keeper(WANTED).keep(BY_HAND);
        keeper(Configurations.of(List.of())).keep(BY_HAND);
        assertThat(node.read(FILE)).isEqualTo(BEFORE);
        assertThat(node.dockerd().live().insecureRegistries()).isEmpty();
        assertThat(node.dockerd().live().liveRestore()).isFalse();
        assertThat(root.resolve("etc/docker/certs.d")).doesNotExist();
    }

    @Test
    void bothWhollyOldOrWhollyNewWhereverItIsKilled() throws IOException {
        Map<String, String> before = node.tree();
        int steps = CrashEnumeration.atEveryStep(kill -> {
            NodeBench dying = node.dyingAt(kill);
            assertThatThrownBy(() -> keeper(dying, WANTED).keep(BY_HAND)).isInstanceOf(Killed.class);
            keeper(WANTED).recover();
            boolean isNew = keeper(WANTED).plan(BY_HAND).isNoop();
            assertThat(isNew || node.tree().equals(before))
                    .as("step %d: %s", kill.step(), kill)
                    .isTrue();
            assertThat(node.dockerd().live().liveRestore())
                    .as("step %d: %s", kill.step(), kill)
                    .isEqualTo(isNew);
            keeper(WANTED).keep(BY_HAND);
            keeper(Configurations.of(List.of())).keep(BY_HAND);
            assertThat(node.tree()).isEqualTo(before);
        });
        assertThat(steps).isGreaterThan(15);
    }

    @Test
    void filesThatAnOperatorClosedStayClosed() throws IOException {
        close(FILE);
        keeper(WANTED).keep(BY_HAND);
        assertThat(mode(FILE)).isEqualTo("rw-------");
        String ca = "etc/docker/certs.d/reg.example:5000/ca.crt";
        assertThat(mode(ca)).isEqualTo("rw-r--r--");

        close(ca);
        FarrierConfig otherCa =
                Configurations.of(List.of(Configurations.trusted("reg.example:5000", Certificates.OTHER_CA)));
        keeper(otherCa).keep(BY_HAND.allowingRemoval());

        assertThat(root.resolve(ca)).hasBinaryContent(Certificates.OTHER_CA);
        assertThat(mode(ca)).isEqualTo("rw-------");
        keeper(otherCa).restore(BY_HAND);
        assertThat(mode(FILE)).isEqualTo("rw-------");
        assertThat(node.read(FILE)).isEqualTo(BEFORE);
    }

    private void close(String file) throws IOException {
        Files.setPosixFilePermissions(root.resolve(file), PosixFilePermissions.fromString("rw-------"));
    }

    private String mode(String file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve(file)));
    }

    @Test
    void theAgentObservesUntilItMayKeep() throws IOException {
        Map<String, String> before = node.stamps();
        node.with(new Brakes.Policy(false, Map.of(), false, true));
        List<Outcome> outcomes = keeper(WANTED).keep(Order.agent());
        assertThat(results(outcomes)).containsExactly(Result.KEPT, Result.KEPT);
        assertThat(outcomes).flatExtracting(Outcome::withheld).hasSize(3);
        assertThat(node.stamps()).isEqualTo(before);
        assertThat(results(keeper(WANTED).keep(BY_HAND))).containsExactly(Result.APPLIED, Result.APPLIED);
    }

    @Test
    void aRegistryCanHaveAModeOfItsOwn() throws IOException {
        Map<io.farrier.image.RegistryHost, Boolean> only =
                Map.of(io.farrier.image.RegistryHost.parse("reg.example:5000"), true);
        node.with(new Brakes.Policy(false, only, false, true));
        assertThat(results(keeper(WANTED).keep(Order.agent()))).containsExactly(Result.APPLIED, Result.KEPT);
    }

    @Test
    void nothingChangesWhilePaused() throws IOException {
        node.write("etc/farrier/paused", "migration\u001b[2J tonight\n");
        Map<String, String> before = node.tree();
        List<Outcome> outcomes = keeper(WANTED).keep(BY_HAND);
        assertThat(results(outcomes)).containsExactly(Result.REFUSED, Result.REFUSED);
        assertThat(outcomes.get(0).reason().orElseThrow().sentence())
                .isEqualTo("Tried to change this node: it is paused by /etc/farrier/paused (migration [2J tonight)."
                        + " Run 'farrier resume' or remove the file.");
        assertThat(node.tree()).isEqualTo(before);
    }

    /** The stroke of a shell, while dockerd reads what was written (SAFETY 2). */
    @Test
    void aPauseInTheMiddleLetsTheRunningChangeCompleteAndNoOtherBegin() throws IOException {
        node.dockerd().judgedBy(file -> {
            node.write("etc/farrier/paused", "");
            return Optional.empty();
        });

        assertThat(results(keeper(WANTED).keep(BY_HAND))).containsExactly(Result.APPLIED, Result.APPLIED);
        assertThat(node.dockerd().live().insecureRegistries()).containsExactly("plain.example:5000");
        assertThat(root.resolve("var/lib/farrier/ledger/open-change")).doesNotExist();

        Map<String, String> kept = node.tree();
        FarrierConfig other = Configurations.of(List.of(Configurations.insecure("other.example:5000")));
        assertThat(results(keeper(other).keep(BY_HAND))).containsOnly(Result.REFUSED);
        assertThat(node.tree()).isEqualTo(kept);
    }

    /** What is rolled back is rolled back to its end. */
    @Test
    void aPauseInTheMiddleOfWhatFailsLeavesNothingHalfDone() throws IOException {
        Map<String, String> before = node.tree();
        node.dockerd().judgedBy(file -> {
            node.write("etc/farrier/paused", "");
            return Optional.of("unable to configure the Docker daemon");
        });

        assertThat(results(keeper(WANTED).keep(BY_HAND))).containsExactly(Result.ROLLED_BACK, Result.ROLLED_BACK);
        Files.delete(root.resolve("etc/farrier/paused"));
        Files.delete(root.resolve("etc/farrier"));
        assertThat(node.tree()).isEqualTo(before);
    }

    @Test
    void aPauseThatHasAnEndIsOverThen() throws IOException {
        node.write(
                "etc/farrier/paused", "until: " + NodeBench.NOW.plusSeconds(3600) + "\nwho: anna\nreason: upgrade\n");
        assertThat(keeper(WANTED).keep(BY_HAND).get(0).reason().orElseThrow().saw())
                .isEqualTo("it is paused by /etc/farrier/paused until 2026-11-20T13:00:00Z (upgrade, says anna).");
        node.clock().advance(Duration.ofHours(1));
        assertThat(results(keeper(WANTED).keep(BY_HAND))).containsExactly(Result.APPLIED, Result.APPLIED);
    }

    @Test
    void isGivenBackOnlyOnceThePauseIsOver() throws IOException {
        keeper(WANTED).keep(BY_HAND);
        node.write("etc/farrier/paused", "");
        Map<String, String> kept = node.tree();
        assertThat(results(keeper(WANTED).restore(BY_HAND))).containsOnly(Result.REFUSED);
        assertThat(node.tree()).isEqualTo(kept);
    }

    @Test
    void whatIsNoLongerConfiguredStaysUntilAnOrderAllowsThatItGoes() throws IOException {
        keeper(WANTED).keep(BY_HAND);
        Map<String, String> kept = node.tree();
        FarrierConfig nothing = Configurations.of(List.of());
        node.with(new Brakes.Policy(true, Map.of(), false, false));
        List<Outcome> outcomes = keeper(nothing).keep(BY_HAND);
        assertThat(results(outcomes)).containsExactly(Result.KEPT, Result.KEPT);
        assertThat(outcomes)
                .flatExtracting(Outcome::withheld)
                .hasSize(3)
                .allSatisfy(withheld -> assertThat(withheld.because())
                        .startsWith("the configuration no longer names it")
                        .contains("farrier apply --allow-removal"));
        assertThat(results(keeper(nothing).keep(Order.agent()))).containsExactly(Result.KEPT, Result.KEPT);
        assertThat(node.tree()).isEqualTo(kept);

        assertThat(results(keeper(nothing).keep(BY_HAND.allowingRemoval())))
                .containsExactly(Result.APPLIED, Result.APPLIED);
        assertThat(node.read(FILE)).isEqualTo(BEFORE);
    }

    @Test
    void aCaThatIsNoLongerListedStaysBesideTheNewOne() throws IOException {
        node.with(new Brakes.Policy(true, Map.of(), false, false));
        keeper(Configurations.of(List.of(Configurations.trusted("reg.example:5000", CA))))
                .keep(BY_HAND);
        FarrierConfig rotated = Configurations.of(List.of(Configurations.trusted("reg.example:5000", OTHER_CA)));
        List<Outcome> outcomes = keeper(rotated).keep(BY_HAND);
        assertThat(outcomes.get(0).withheld()).hasSize(1);
        assertThat(heldCas()).isEqualTo(fingerprints(CA, OTHER_CA));
        assertThat(results(keeper(rotated).keep(BY_HAND))).containsExactly(Result.KEPT, Result.KEPT);

        keeper(rotated).keep(BY_HAND.allowingRemoval());
        assertThat(heldCas()).isEqualTo(fingerprints(OTHER_CA));
    }

    @Test
    void aStrangersCaInOurFileIsNoOverlap() throws IOException {
        node.with(new Brakes.Policy(true, Map.of(), false, false));
        FarrierConfig wants = Configurations.of(List.of(Configurations.trusted("reg.example:5000", CA)));
        keeper(wants).keep(BY_HAND);
        node.write(CA_FILE, OTHER_CA);
        keeper(wants).keep(Order.agent());
        assertThat(heldCas()).isEqualTo(fingerprints(CA));
    }

    private static final String CA_FILE = "etc/docker/certs.d/reg.example:5000/ca.crt";

    private java.util.Set<String> heldCas() throws IOException {
        return fingerprints(java.nio.file.Files.readAllBytes(root.resolve(CA_FILE)));
    }

    private static java.util.Set<String> fingerprints(byte[]... pems) {
        java.util.Set<String> all = new java.util.TreeSet<>();
        for (byte[] pem : pems) {
            io.farrier.pki.Certificates.takenByGo(pem).forEach(certificate -> all.add(certificate.fingerprint()));
        }
        return all;
    }

    @Test
    void aRivalIsNotFoughtInALoopAndIsNamed() throws IOException {
        node.repairing(3);
        keeper(WANTED).keep(Order.agent());
        for (int repair = 0; repair < 2; repair++) {
            node.write(FILE, BEFORE);
            assertThat(results(keeper(WANTED).keep(Order.agent()))).contains(Result.APPLIED);
        }
        node.write(FILE, BEFORE);
        List<Outcome> outcomes = keeper(WANTED).keep(Order.agent());
        assertThat(results(outcomes)).containsExactly(Result.KEPT, Result.REFUSED);
        assertThat(outcomes.get(1).reason().orElseThrow().sentence())
                .startsWith(
                        "Set docker/daemon.json right 3 times within an hour: and somebody changes it back each time:")
                .contains("/etc/docker/daemon.json was written")
                .contains("2026-11-20T13:00:00Z, or at once with 'farrier apply'");
        assertThat(node.read(FILE)).isEqualTo(BEFORE);

        assertThat(results(keeper(WANTED).keep(BY_HAND))).contains(Result.APPLIED);
        node.write(FILE, BEFORE);
        node.clock().advance(Duration.ofHours(1));
        assertThat(results(keeper(WANTED).keep(Order.agent()))).contains(Result.APPLIED);
    }

    @Test
    void aFileThatIsOnlyReportedIsLeftAloneAndStaysOurs() throws IOException {
        keeper(WANTED).keep(BY_HAND);
        Map<String, String> kept = node.tree();
        FarrierConfig other = Configurations.of(List.of(Configurations.insecure("other.example:5000")));
        Keeper reporting = node.keeper(managed(other, Manage.REPORT));
        assertThat(reporting.keep(BY_HAND))
                .flatExtracting(Outcome::withheld)
                .hasSize(3)
                .allSatisfy(withheld ->
                        assertThat(withheld.because()).startsWith("'manage' says 'report' for daemon.json."));
        Keeper blind = node.keeper(managed(other, Manage.OFF));
        assertThat(blind.plan(BY_HAND).isNoop()).isTrue();
        assertThat(results(blind.keep(BY_HAND))).containsExactly(Result.KEPT);
        assertThat(node.tree()).isEqualTo(kept);

        assertThat(results(blind.restore(BY_HAND))).containsExactly(Result.APPLIED);
        assertThat(node.read(FILE)).isEqualTo(BEFORE);
    }

    private io.farrier.plan.Resource<?> managed(FarrierConfig config, Manage manage) {
        DaemonJsonFile file =
                new DaemonJsonFile(config, node.files(), node.ledger(), Optional.of(node.runningDockerd()));
        return new Managed<>(file, FarrierConfig.KeptFile.DAEMON_JSON, manage, node.ledger());
    }

    @Test
    void neverRestartsAControlPlaneNode() throws IOException {
        node.with(new Brakes.Policy(true, Map.of(), true, true));
        node.dockerd().running(container("etcd"), container("kubelet"));
        FarrierConfig wants = Configurations.of(List.of(), Map.of(), Map.of("log-driver", "local"));
        List<Outcome> outcomes = keeper(wants).keep(BY_HAND);
        assertThat(outcomes.get(1).withheld()).singleElement().satisfies(withheld -> {
            assertThat(withheld.wouldStop()).containsExactly("etcd", "kubelet");
            assertThat(withheld.because()).contains("farrier never restarts a control-plane node: etcd runs here");
        });
        assertThat(node.dockerd().restarts()).isZero();
    }

    @Test
    void namesTheContainersThatAWithheldRestartWouldStop() throws IOException {
        node.dockerd().running(container("kube-proxy"), container("kubelet"));
        FarrierConfig wants = Configurations.of(List.of(), Map.of(), Map.of("log-driver", "local"));
        List<Outcome> outcomes = keeper(wants).keep(BY_HAND);
        assertThat(outcomes.get(1).withheld()).singleElement().satisfies(withheld -> {
            assertThat(withheld.wouldStop()).containsExactly("kube-proxy", "kubelet");
            assertThat(withheld.because())
                    .startsWith("dockerd reads log-driver only when it starts, and 'runtime.restart'");
        });
        assertThat(node.dockerd().restarts()).isZero();
    }

    @Test
    void restartsWhereThatIsAllowed() throws IOException {
        node.with(new Brakes.Policy(true, Map.of(), true, true));
        FarrierConfig wants = Configurations.of(List.of(), Map.of(), Map.of("log-driver", "local"));
        assertThat(results(keeper(wants).keep(BY_HAND))).containsExactly(Result.KEPT, Result.APPLIED);
        assertThat(node.dockerd().restarts()).isEqualTo(1);
    }

    @Test
    void oneRefusedFileStopsNoOther() throws IOException {
        node.write(FILE, "{");
        List<Outcome> outcomes = keeper(WANTED).keep(BY_HAND);
        assertThat(results(outcomes)).containsExactly(Result.APPLIED, Result.REFUSED);
        assertThat(node.read(FILE)).isEqualTo("{");
    }

    @Test
    void aBrokenRecordCostsOnlyItself() throws IOException {
        keeper(WANTED).keep(BY_HAND);
        String record = "var/lib/farrier/ledger/owned/docker+daemon.json";
        node.write(record, node.read(record).replace("live-restore", "live-restart"));
        List<Outcome> outcomes = keeper(WANTED).keep(BY_HAND);
        assertThat(results(outcomes)).containsExactly(Result.KEPT, Result.REFUSED);
        assertThat(outcomes.get(1).reason().orElseThrow().saw())
                .contains("docker+daemon.json but its checksum does not match. farrier does not guess");
    }

    @Test
    void remembersWhoChangedWhatWithoutContent() throws IOException {
        keeper(WANTED).keep(Order.byHand("alice"));
        assertThat(node.ledger().history())
                .singleElement()
                .satisfies(line -> assertThat(line.toString())
                        .contains(
                                "\"who\":\"alice\"",
                                "\"verb\":\"apply\"",
                                "\"configuration\":\"configuration 1\"",
                                "sha256:")
                        .doesNotContain("BEGIN CERTIFICATE"));
    }

    @Test
    void remembersARefusalOfEveryOrderAndOnceOfTheAgent() throws IOException {
        node.write(FILE, "{");
        FarrierConfig wants = Configurations.of(List.of(), Map.of(), Map.of("live-restore", true));

        keeper(wants).keep(Order.byHand("alice"));
        keeper(wants).keep(Order.byHand("bob"));
        keeper(wants).keep(Order.agent());
        keeper(wants).keep(Order.agent());
        assertThat(history("/by/who")).containsExactly("alice", "bob");

        node.write(FILE, "[");
        keeper(wants).keep(Order.agent());
        keeper(wants).keep(Order.agent());
        assertThat(history("/by/who")).containsExactly("alice", "bob", "agent");
        assertThat(history("/outcomes/0/result")).containsOnly("refused");
        assertThat(history("/outcomes/0/reason/saw")).last().asString().contains("line 1");
    }

    @Test
    void remembersWhatWasRolledBackAndWhatWasGivenBack() throws IOException {
        node.dockerd().deaf();
        keeper(WANTED).keep(Order.byHand("alice"));
        keeper(WANTED).restore(Order.byHand("bob"));

        assertThat(history("/by/verb")).containsExactly("apply", "restore");
        assertThat(history("/outcomes/0/result")).containsExactly("rolled_back", "kept");
        assertThat(history("/files/0/before")).first().isEqualTo("absent");
    }

    @Test
    void remembersWhatWasProvenAfterTheChange() throws IOException {
        node.proving((order, done) -> List.of(new Outcome(
                new ResourceName("reg.example:5000"),
                Result.UNPROVEN,
                List.of(),
                List.of(),
                Optional.of(new Reason("Tried to pull", "x509: unknown authority.", "")),
                NodeBench.NOW)));

        keeper(WANTED).keep(Order.byHand("alice"));

        assertThat(history("/outcomes/0/result")).containsExactly("applied", "unproven");
        assertThat(history("/outcomes/0/reason/saw")).last().isEqualTo("x509: unknown authority.");
    }

    private List<String> history(String pointer) throws IOException {
        return node.ledger().history().stream()
                .map(line -> line.at(pointer).asText())
                .toList();
    }

    @Test
    void worksBelowAnotherRootWithoutADaemon() throws IOException {
        DaemonJsonFile file = new DaemonJsonFile(WANTED, node.files(), node.ledger(), Optional.empty());
        assertThat(results(node.keeper(file).keep(BY_HAND))).containsExactly(Result.APPLIED);
        assertThat(node.dockerd().reloads()).isZero();
        assertThat(node.read(FILE)).contains("plain.example:5000", "live-restore");
    }

    private Keeper keeper(FarrierConfig config) {
        return keeper(node, config);
    }

    private static Keeper keeper(NodeBench bench, FarrierConfig config) {
        return bench.keeper(
                new CertsDirectory(config, bench.files(), bench.ledger()),
                new DaemonJsonFile(config, bench.files(), bench.ledger(), Optional.of(bench.runningDockerd())));
    }

    private static ContainerSample container(String name) {
        return RunningContainer.of(name, name, "image", null, null, null);
    }

    private static List<Result> results(List<Outcome> outcomes) {
        return outcomes.stream().map(Outcome::result).toList();
    }
}
