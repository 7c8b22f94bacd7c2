package io.farrier.keep.docker;

import static io.farrier.keep.docker.Certificates.CA;
import static io.farrier.keep.docker.Certificates.OTHER_CA;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.FarrierConfig.Registry;
import io.farrier.plan.Allowance;
import io.farrier.plan.Change;
import io.farrier.plan.FilePlan;
import io.farrier.reconcile.Order;
import io.farrier.testing.Configurations;
import io.farrier.testing.NodeBench;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CertsDirectoryTest {
    private static final String FOLDER = "etc/docker/certs.d/reg.example:5000/";
    private static final Registry REGISTRY = Configurations.trusted("reg.example:5000", CA);

    @TempDir
    Path root;

    private NodeBench node;

    @BeforeEach
    void prepare() throws IOException {
        node = new NodeBench(root);
    }

    @Test
    void putsTheCaWhereDockerLooks() throws IOException {
        FilePlan plan = plan(REGISTRY);
        assertThat(plan.edits()).singleElement().satisfies(edit -> {
            assertThat(edit.path()).hasToString("/etc/docker/certs.d/reg.example:5000/ca.crt");
            assertThat(edit.after().mode()).isEqualTo(0644);
        });
        assertThat(plan.changes()).singleElement().satisfies(change -> {
            assertThat(change.key()).isEqualTo("reg.example:5000/ca.crt");
            assertThat(change.after().orElseThrow())
                    .matches("CN=Test ca until 2126-\\d\\d-\\d\\d \\(sha256 [0-9a-f]{12}\\)");
            assertThat(change.consequence()).isEmpty();
        });
    }

    @Test
    void putsItBesideTheOperatorsOwn() throws IOException {
        node.write(FOLDER + "ca.crt", OTHER_CA);
        assertThat(plan(REGISTRY).edits())
                .singleElement()
                .satisfies(edit ->
                        assertThat(edit.path()).hasToString("/etc/docker/certs.d/reg.example:5000/farrier.crt"));
    }

    @Test
    void ownsNothingWhenTheOperatorTrustsItAlready() throws IOException {
        node.write(
                FOLDER + "registry.crt",
                new String(OTHER_CA, StandardCharsets.UTF_8) + "some remark\n"
                        + new String(CA, StandardCharsets.UTF_8));
        FilePlan plan = plan(REGISTRY);
        assertThat(plan.isNoop()).isTrue();
        assertThat(plan.claims()).isEmpty();
    }

    @Test
    void replacesItsOwnWhenTheConfiguredCaChanges() throws IOException {
        keep(REGISTRY);
        FilePlan plan = plan(Configurations.trusted("reg.example:5000", OTHER_CA));
        assertThat(plan.changes()).extracting(Change::kind).containsExactly(Change.Kind.REMOVE, Change.Kind.CHANGE);
        assertThat(plan.changes()).last().satisfies(change -> {
            assertThat(change.before().orElseThrow()).startsWith("CN=Test ca ");
            assertThat(change.after().orElseThrow()).startsWith("CN=Test other-ca ");
        });
    }

    @Test
    void repairsItsOwnWhenSomebodyBrokeIt() throws IOException {
        keep(REGISTRY);
        node.write(FOLDER + "ca.crt", "");
        assertThat(plan(REGISTRY).changes())
                .singleElement()
                .satisfies(change -> assertThat(change.before()).contains("no certificate"));
    }

    @Test
    void leavesWhatSomebodyChangedSinceWhenTheRegistryGoes() throws IOException {
        keep(REGISTRY);
        node.write(FOLDER + "ca.crt", OTHER_CA);
        FilePlan plan = plan();
        assertThat(plan.edits()).isEmpty();
        assertThat(plan.withheld())
                .singleElement()
                .satisfies(withheld ->
                        assertThat(withheld.because()).startsWith("somebody changed it since farrier wrote it."));
    }

    @Test
    void namesEverythingThatStandsInDockersWay() throws IOException {
        Files.createDirectories(root.resolve(FOLDER + "folder.crt"));
        Files.createSymbolicLink(root.resolve(FOLDER + "gone.crt"), Path.of("nowhere"));
        node.write(FOLDER + "garbage.crt", "no pem");
        node.write(FOLDER + "alone.cert", CA);
        node.write(FOLDER + "ca.pem", "not looked at");
        FilePlan plan = plan(REGISTRY);
        assertThat(plan.edits()).hasSize(1);
        assertThat(plan.withheld())
                .extracting(withheld -> withheld.change().key() + ": " + withheld.because())
                .containsExactly(
                        "reg.example:5000/alone.cert: Docker fails every pull from reg.example:5000: alone.cert needs alone.key."
                                + " It is not farrier's to remove.",
                        "reg.example:5000/folder.crt: Docker fails every pull from reg.example:5000: it cannot read folder.crt."
                                + " It is not farrier's to remove.",
                        "reg.example:5000/garbage.crt: Docker ignores it in silence: there is no PEM certificate in it."
                                + " It is not farrier's to remove.",
                        "reg.example:5000/gone.crt: Docker fails every pull from reg.example:5000: it cannot read gone.crt."
                                + " It is not farrier's to remove.");
    }

    @Test
    void neverWritesThroughADanglingLinkOfThatName() throws IOException {
        Files.createDirectories(root.resolve(FOLDER));
        Files.createSymbolicLink(root.resolve(FOLDER + "ca.crt"), Path.of("/etc/nowhere"));
        keep(REGISTRY);
        assertThat(root.resolve("etc/nowhere")).doesNotExist();
        assertThat(root.resolve(FOLDER + "farrier.crt")).hasBinaryContent(CA);
    }

    private CertsDirectory certs(Registry... registries) {
        return new CertsDirectory(Configurations.of(List.of(registries)), node.files(), node.ledger());
    }

    private FilePlan plan(Registry... registries) throws IOException {
        return certs(registries).plan(certs(registries).observe(), Allowance.EVERYTHING);
    }

    private void keep(Registry... registries) throws IOException {
        node.keeper(certs(registries)).keep(Order.byHand("root"));
    }
}
