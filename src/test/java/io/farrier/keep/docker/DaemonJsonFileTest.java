package io.farrier.keep.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.FarrierConfig;
import io.farrier.plan.Allowance;
import io.farrier.plan.Change;
import io.farrier.plan.Consequence.Action;
import io.farrier.plan.Edit;
import io.farrier.plan.FilePlan;
import io.farrier.plan.Withheld;
import io.farrier.testing.Configurations;
import io.farrier.testing.NodeBench;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DaemonJsonFileTest {
    private static final String FILE = "etc/docker/daemon.json";
    private static final FarrierConfig PLAIN =
            Configurations.of(List.of(Configurations.insecure("plain.example:5000")));

    @TempDir
    Path root;

    private NodeBench node;

    @BeforeEach
    void prepare() throws IOException {
        node = new NodeBench(root);
    }

    @Test
    void addsTheRegistryByReload() throws IOException {
        node.write(FILE, "{}\n");
        FilePlan plan = plan(PLAIN);
        assertThat(after(plan)).isEqualTo("{\n  \"insecure-registries\": [\"plain.example:5000\"]\n}\n");
        assertThat(plan.changes()).singleElement().satisfies(change -> {
            assertThat(change.kind()).isEqualTo(Change.Kind.ADD);
            assertThat(change.key()).isEqualTo("insecure-registries");
            assertThat(change.after()).contains("plain.example:5000");
            assertThat(change.consequence().orElseThrow().action()).isEqualTo(Action.RELOAD);
            assertThat(change.consequence().orElseThrow().because())
                    .isEqualTo("dockerd reads insecure-registries when it reloads; no container notices");
        });
    }

    @Test
    void makesTheFileWhenThereIsNoneAndRemovesItAgain() throws IOException {
        assertThat(plan(PLAIN).edits()).singleElement().satisfies(edit -> {
            assertThat(edit.before().isAbsent()).isTrue();
            assertThat(edit.after().mode()).isEqualTo(0644);
        });
    }

    @Test
    void writesWithoutAReloadWhenDockerDoesNotRun() throws IOException {
        node.dockerd().down();
        FilePlan plan = plan(PLAIN);
        assertThat(plan.edits()).hasSize(1);
        assertThat(plan.changes().get(0).consequence()).isEmpty();
    }

    @Test
    void ownsNothingThatWasThereBefore() throws IOException {
        node.write(FILE, "{\"insecure-registries\": [\"plain.example:5000\"]}");
        node.dockerd().start();
        FilePlan plan = plan(PLAIN);
        assertThat(plan.isNoop()).isTrue();
        assertThat(plan.claims()).isEmpty();
        assertThat(plan.remarks())
                .containsExactly("insecure-registries: plain.example:5000 is already present, not ours");
    }

    @Test
    void refusesABrokenFileWithItsLineAndColumn() throws IOException {
        node.write(FILE, "{\n  \"debug\": true,\n  \"dns\": [\"10.0.0.10\"\n}\n");
        FilePlan plan = plan(PLAIN);
        assertThat(plan.edits()).isEmpty();
        assertThat(plan.refusal().orElseThrow().sentence())
                .isEqualTo(
                        "Tried to read /etc/docker/daemon.json: line 4, column 1 is not JSON: expected ',' or ']' but was"
                                + " '}' (dockerd says: invalid character '}' after array element). farrier changed nothing. Correct"
                                + " the file; dockerd may not start with it.");
    }

    @Test
    void refusesAByteOrderMarkUnlessDockerdTakesIt() throws IOException {
        node.write(FILE, "\uFEFF{}");
        assertThat(plan(PLAIN).refusal().orElseThrow().saw()).contains("byte order mark");
        node.dockerd().version("23.0.6");
        assertThat(plan(PLAIN).refusal()).isEmpty();
    }

    /** As programs in Go write a list they never filled. */
    @Test
    void takesNullForAListOfNothing() throws IOException {
        node.write(FILE, "{\"insecure-registries\": null}");
        FilePlan plan = plan(PLAIN);
        assertThat(plan.refusal()).isEmpty();
        assertThat(new String(plan.edits().get(0).after().content(), StandardCharsets.UTF_8))
                .isEqualTo("{\"insecure-registries\": [\"plain.example:5000\"]}");
    }

    @Test
    void refusesAListThatIsNone() throws IOException {
        node.write(FILE, "{\"insecure-registries\": \"a:5000\"}");
        assertThat(plan(PLAIN).refusal().orElseThrow().saw())
                .isEqualTo("'insecure-registries' is not a list of texts.");
    }

    @Test
    void doesNotActivateSomebodyElsesStagedChange() throws IOException {
        node.write(FILE, "{\"debug\": true, \"insecure-registries\": [\"staged:5000\"]}");
        FilePlan plan = plan(PLAIN);
        assertThat(plan.edits()).isEmpty();
        assertThat(plan.refusal().orElseThrow().saw())
                .contains("insecure-registries + staged:5000; debug: false -> true");
    }

    @Test
    void doesNotActivateAnotherProgramByARestart() throws IOException {
        DaemonJsonFile file = file(Configurations.of(List.of(), Map.of(), Map.of("log-driver", "journald")));
        node.write(FILE, "{\"log-level\": \"warn\"}");

        FilePlan plan =
                file.plan(staged(file, "/usr/bin/dockerd was replaced, which is an upgrade"), Allowance.EVERYTHING);

        assertThat(plan.edits()).isEmpty();
        assertThat(plan.refusal().orElseThrow().sentence())
                .isEqualTo("Tried to plan a restart of docker: it would also bring into effect what is in"
                        + " /etc/docker/daemon.json or beside it and is not farrier's: /usr/bin/dockerd was replaced, which"
                        + " is an upgrade. Restart docker yourself once that is meant ('systemctl restart docker'), or take"
                        + " it out of the file.");
    }

    /** A reload starts no other program. */
    @Test
    void reloadsADockerdWhoseProgramWasReplaced() throws IOException {
        DaemonJsonFile file = file(PLAIN);
        assertThat(file.plan(staged(file, "/usr/bin/dockerd was replaced, which is an upgrade"), Allowance.EVERYTHING)
                        .refusal())
                .isEmpty();
    }

    private static DaemonJsonFile.Observed staged(DaemonJsonFile file, String clause) throws IOException {
        DaemonJsonFile.Observed seen = file.observe();
        return new DaemonJsonFile.Observed(
                seen.file(), seen.missingFolders(), seen.ours(), true, seen.running(), List.of(clause));
    }

    @Test
    void saysWhatElseTheReloadReadsThatCannotBeSeen() throws IOException {
        node.write(FILE, "{\"labels\": [\"a=b\"], \"log-driver\": \"local\"}");
        node.dockerd().start();
        assertThat(plan(PLAIN).changes().get(0).consequence().orElseThrow().because())
                .endsWith("It reads labels as well, which it does not show: make sure nothing is staged there");
    }

    @Test
    void reloadsWhatIsWrittenAndNotInEffect() throws IOException {
        node.write(FILE, "{\"insecure-registries\": [\"plain.example:5000\"]}");
        FilePlan plan = plan(PLAIN);
        assertThat(plan.edits()).isEmpty();
        assertThat(plan.changes())
                .singleElement()
                .satisfies(
                        change -> assertThat(change.before()).contains("plain.example:5000 (written, not in effect)"));
    }

    @Test
    void setsTheListToNothingBeforeTheKeyGoes() throws IOException {
        node.write(FILE, "{}\n");
        keep(PLAIN);
        FilePlan plan = plan(Configurations.of(List.of()));
        assertThat(plan.edits()).extracting(Edit::phase).containsExactly(Edit.Phase.DOCUMENT, Edit.Phase.DROP_TRUST);
        assertThat(text(plan.edits().get(0))).contains("\"insecure-registries\": []");
        assertThat(text(plan.edits().get(1))).isEqualTo("{}\n");
    }

    @Test
    void givesAReplacedValueBack() throws IOException {
        node.write(FILE, "{\"shutdown-timeout\":  20}");
        FarrierConfig wants = Configurations.of(List.of(), Map.of(), Map.of("shutdown-timeout", 60));
        keep(wants);
        assertThat(node.read(FILE)).isEqualTo("{\"shutdown-timeout\":  60}");
        keep(Configurations.of(List.of()));
        assertThat(node.read(FILE)).isEqualTo("{\"shutdown-timeout\":  20}");
    }

    @Test
    void leavesAValueAloneThatSomebodyChangedSince() throws IOException {
        node.write(FILE, "{}");
        keep(Configurations.of(List.of(), Map.of(), Map.of("shutdown-timeout", 60)));
        node.write(FILE, "{\"shutdown-timeout\": 90}");
        keep(Configurations.of(List.of()));
        assertThat(node.read(FILE)).isEqualTo("{\"shutdown-timeout\": 90}");
    }

    @Test
    void keepsTheBytesOfAWithheldKeyOutOfTheFile() throws IOException {
        node.write(FILE, "{}");
        FarrierConfig wants = Configurations.of(
                List.of(Configurations.insecure("plain.example:5000")), Map.of(), Map.of("log-driver", "local"));
        Allowance noRestart = change -> change.consequence()
                .filter(c -> c.action() == Action.RESTART)
                .map(c -> new Withheld(change, c.because(), List.of("etcd")));
        FilePlan plan = file(wants).plan(file(wants).observe(), noRestart);
        assertThat(after(plan)).contains("plain.example:5000").doesNotContain("log-driver");
        assertThat(plan.withheld()).singleElement().satisfies(withheld -> {
            assertThat(withheld.change().key()).isEqualTo("log-driver");
            assertThat(withheld.because()).isEqualTo("dockerd reads log-driver only when it starts");
            assertThat(withheld.wouldStop()).containsExactly("etcd");
        });
    }

    @Test
    void withholdsWhatDockerdWouldNotStartWith() throws IOException {
        FarrierConfig wants = Configurations.of(
                List.of(),
                Map.of(),
                Map.of("nope", 1, "log-opts", Map.of("max-file", 3), "graph", "/x", "cdi-spec-dirs", List.of("/x")));
        node.dockerd().version("24.0.9");
        FilePlan plan = plan(wants);
        assertThat(plan.edits()).isEmpty();
        assertThat(plan.withheld())
                .extracting(Withheld::because)
                .containsExactlyInAnyOrder(
                        "dockerd knows no key 'nope' and would not start with it.",
                        "'log-opts' must have texts as values: write \"3\", not 3.",
                        "dockerd 24.0.9 knows no key 'graph' and would not start with it.",
                        "dockerd 24.0.9 knows no key 'cdi-spec-dirs' and would not start with it.");
    }

    @Test
    void withholdsHostsBecauseTheUnitSetsThem() throws IOException {
        node.dockerd().down();
        FilePlan plan = plan(Configurations.of(List.of(), Map.of(), Map.of("hosts", List.of("unix:///x.sock"))));
        assertThat(plan.withheld())
                .singleElement()
                .satisfies(withheld -> assertThat(withheld.because()).contains("-H fd://"));
    }

    @Test
    void withholdsAKeyThatIsAFlagOfTheRunningDockerd() throws IOException {
        DaemonJsonFile file = file(PLAIN);
        DaemonJsonFile.Observed seen = file.observe();
        DockerdFlags flags = DockerdFlags.of(List.of("-H", "fd://", "--insecure-registry=10.0.0.0/8"));
        DaemonJsonFile.Observed flagged = new DaemonJsonFile.Observed(
                seen.file(),
                seen.missingFolders(),
                seen.ours(),
                true,
                seen.running().map(r -> new RunningDockerd.Sighting(r.version(), r.live(), flags)),
                List.of());
        FilePlan plan = file.plan(flagged, Allowance.EVERYTHING);
        assertThat(plan.edits()).isEmpty();
        assertThat(plan.withheld().get(0).because())
                .isEqualTo("dockerd is started with 'insecure-registries' as a flag, and refuses to have it in"
                        + " /etc/docker/daemon.json as well. Take it out of the unit first.");
    }

    @Test
    void saysWhatDockerCannotExpress() throws IOException {
        FilePlan plan = plan(
                Configurations.of(List.of(), Configurations.mirror("quay.io", "https://mirror.example"), Map.of()));
        assertThat(plan.edits()).isEmpty();
        assertThat(plan.withheld()).singleElement().satisfies(withheld -> {
            assertThat(withheld.change().after()).contains("quay.io -> [https://mirror.example]");
            assertThat(withheld.because()).startsWith("Docker asks mirrors for docker.io only.");
        });
    }

    @Test
    void withholdsAMirrorWithAPathFromAnOlderDockerd() throws IOException {
        FarrierConfig wants = Configurations.of(
                List.of(), Configurations.mirror("docker.io", "https://mirror.example/hub"), Map.of());
        assertThat(plan(wants).withheld().get(0).because())
                .startsWith("dockerd takes a mirror with a path only from 25.0");
        node.dockerd().version("28.5.2");
        assertThat(plan(wants).withheld()).isEmpty();
    }

    @Test
    void aKeyThatIsBackAtWhatItWasNeedsNoReloadToBeGivenUp() throws IOException {
        node.write(FILE, "{\"debug\": true}");
        node.dockerd().start();
        keep(Configurations.of(List.of(), Map.of(), Map.of("debug", false)));
        keep(Configurations.of(List.of(), Map.of(), Map.of("debug", true)));
        int reloads = node.dockerd().reloads();
        keep(Configurations.of(List.of()));
        assertThat(node.dockerd().reloads()).isEqualTo(reloads);
        assertThat(node.read(FILE)).isEqualTo("{\"debug\": true}");
        assertThat(node.ledger().ownership(DaemonJsonFile.NAME).isNone()).isTrue();
    }

    @Test
    void showsNoSecretNeitherOursNorTheNeighbours() throws IOException {
        node.write(
                FILE,
                "{\"log-opts\": {\"splunk-token\": \"hunter2\"}, \"proxies\": {\"http-proxy\": \"http://u:hunter2@p\"}}");
        FarrierConfig wants = Configurations.of(
                List.of(),
                Map.of(),
                Map.of(
                        "log-opts", Map.of("splunk-token", "hunter3"),
                        "proxies", Map.of("http-proxy", "http://u:hunter3@p")));
        node.dockerd().version("24.0.9");
        assertThat(plan(wants).toString()).contains("***").doesNotContain("hunter");
    }

    private DaemonJsonFile file(FarrierConfig config) {
        return new DaemonJsonFile(config, node.files(), node.ledger(), Optional.of(node.runningDockerd()));
    }

    private FilePlan plan(FarrierConfig config) throws IOException {
        return file(config).plan(file(config).observe(), Allowance.EVERYTHING);
    }

    private void keep(FarrierConfig config) throws IOException {
        node.keeper(file(config)).keep(io.farrier.reconcile.Order.byHand("root"));
    }

    private static String after(FilePlan plan) {
        return text(plan.edits().get(0));
    }

    private static String text(Edit edit) {
        return new String(edit.after().content(), StandardCharsets.UTF_8);
    }
}
