package io.farrier.keep.rancher;

import static io.farrier.testing.TestCertificates.CA;
import static io.farrier.testing.TestCertificates.OTHER_CA;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.ClientPair;
import io.farrier.config.FarrierConfig.Login;
import io.farrier.config.FarrierConfig.Mirror;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.image.RegistryHost;
import io.farrier.keep.rancher.RancherNode.Distribution;
import io.farrier.plan.Consequence.Action;
import io.farrier.plan.FilePlan;
import io.farrier.plan.Outcome;
import io.farrier.plan.Outcome.Result;
import io.farrier.plan.Withheld;
import io.farrier.reconcile.Brakes;
import io.farrier.reconcile.Order;
import io.farrier.secret.Secret;
import io.farrier.testing.Configurations;
import io.farrier.testing.FakeRancher;
import io.farrier.testing.NodeBench;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RegistriesYamlFileTest {
    private static final Order BY_HAND = Order.byHand("root");
    private static final String FILE = "etc/rancher/k3s/registries.yaml";
    private static final Registry TRUSTED = Configurations.trusted("a.example:5000", CA);
    private static final Brakes.Policy MAY_RESTART = new Brakes.Policy(true, Map.of(), true, true);

    @TempDir
    java.nio.file.Path root;

    private NodeBench node;
    private FakeRancher k3s;
    private Distribution distribution = Distribution.K3S;
    private Map<String, Mirror> mirrors = Map.of();

    @BeforeEach
    void prepare() throws IOException {
        node = new NodeBench(root);
        k3s = new FakeRancher();
    }

    @AfterEach
    void stop() {
        k3s.close();
    }

    // ---- what it says

    @Test
    void writesMirrorLoginAndTrustUnderTheEndpointsHost() throws IOException {
        mirrors = Map.of(
                "docker.io",
                new Mirror(
                        List.of(URI.create("https://a.example:5000"), URI.create("https://b.example")),
                        Map.of("^rancher/(.*)", "mirrors/$1")));
        keep(withAll("a.example:5000"), Configurations.insecure("plain.example"));
        assertThat(node.read(FILE)).isEqualTo("""
                mirrors:
                  docker.io:
                    endpoint:
                      - "https://a.example:5000"
                      - "https://b.example"
                    rewrite:
                      "^rancher/(.*)": "mirrors/$1"
                  "a.example:5000":
                    endpoint:
                      - "https://a.example:5000"
                  plain.example:
                    endpoint:
                      - "https://plain.example"
                      - "http://plain.example"
                configs:
                  "a.example:5000":
                    auth:
                      username: "robot"
                      password: "s3cret"
                    tls:
                      ca_file: "/etc/rancher/k3s/farrier/a.example:5000/ca.crt"
                      cert_file: "/etc/rancher/k3s/farrier/a.example:5000/client.cert"
                      key_file: "/etc/rancher/k3s/farrier/a.example:5000/client.key"
                  plain.example:
                    tls:
                      insecure_skip_verify: true
                """);
        assertThat(mode(FILE)).isEqualTo("rw-------");
        assertThat(mode("etc/rancher/k3s/farrier/a.example:5000/client.key")).isEqualTo("rw-------");
        assertThat(root.resolve("etc/rancher/k3s/farrier/a.example:5000/ca.crt"))
                .hasBinaryContent(CA);
    }

    @Test
    void theLoginForDockerHubGoesToWhereItsImagesAreAsked() throws IOException {
        keep(withAll("docker.io"));
        assertThat(node.read(FILE))
                .contains("  docker.io:\n    endpoint:\n      - \"https://registry-1.docker.io\"\n")
                .contains("configs:\n  registry-1.docker.io:\n    auth:\n");
    }

    @Test
    void aMirrorThatSomebodyHasForTheRegistryWillDo() throws IOException {
        node.write(FILE, "mirrors:\n  \"a.example:5000\":\n    endpoint: [\"https://elsewhere\"]\n");
        keep(TRUSTED);
        assertThat(node.read(FILE))
                .contains("endpoint: [\"https://elsewhere\"]\n")
                .doesNotContain("https://a.example");
    }

    @Test
    void ownsNothingThatWasThere() throws IOException {
        mirrors = Map.of("docker.io", new Mirror(List.of(URI.create("https://m.example")), Map.of()));
        node.write(FILE, "mirrors:\n  docker.io:\n    endpoint: [https://m.example/]\n");
        FilePlan plan = plan();
        assertThat(plan.isNoop()).isTrue();
        assertThat(plan.claims()).isEmpty();
    }

    @Test
    void ownEndpointsStandInTheConfiguredOrder() throws IOException {
        mirrors = mirror("https://b.example");
        keep();
        mirrors = mirror("https://a.example", "https://b.example");
        keep();
        assertThat(node.read(FILE)).contains("- \"https://a.example\"\n      - \"https://b.example\"\n");
    }

    @Test
    void theRegistrysOwnModeOffFreezesWhatIsThere() throws IOException {
        keep(TRUSTED);
        Map<String, String> kept = node.tree();
        Registry off = new Registry(
                TRUSTED.host(),
                TRUSTED.ca(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.of(io.farrier.config.Mode.OFF));
        assertThat(results(keep(off))).containsExactly(Result.KEPT);
        assertThat(node.tree()).isEqualTo(kept);
    }

    // ---- secrets

    @Test
    void noPlanShowsAPassword() throws IOException {
        assertThat(plan(withAll("a.example:5000")).toString())
                .doesNotContain("s3cret")
                .doesNotContain("BEGIN");
    }

    @Test
    void aFileThatOthersCanReadIsClosedBeforeALoginGoesIn() throws IOException {
        node.write(FILE, "mirrors:\n");
        open(FILE);
        keep(TRUSTED);
        assertThat(mode(FILE)).isEqualTo("rw-r--r--");
        keep(withAll("a.example:5000"));
        assertThat(mode(FILE)).isEqualTo("rw-------");
        keep();
        assertThat(mode(FILE)).isEqualTo("rw-r--r--");
    }

    @Test
    void aFileThatAnOperatorClosedStaysClosed() throws IOException {
        node.write(FILE, "mirrors:\n");
        Files.setPosixFilePermissions(root.resolve(FILE), PosixFilePermissions.fromString("rw-------"));
        keep(TRUSTED);
        assertThat(node.read(FILE)).contains("a.example:5000");
        assertThat(mode(FILE)).isEqualTo("rw-------");
        keep();
        assertThat(mode(FILE)).isEqualTo("rw-------");
    }

    @Test
    void saysThatOthersCanReadAnOperatorsLogin() throws IOException {
        node.write(FILE, "configs:\n  a.example:5000: {auth: {username: u}}\n");
        open(FILE);
        assertThat(plan(TRUSTED).withheld())
                .extracting(Withheld::because)
                .containsExactly(
                        "others than root can read the logins in it. Run 'chmod 600 /etc/rancher/k3s/registries.yaml'.");
    }

    // ---- what k3s takes in silence

    @Test
    void saysWhatK3sIgnores() throws IOException {
        node.write(FILE, """
                mirrors:
                  docker.io: {endpoint: ["https://m.example:5000"]}
                configs:
                  m.example:
                    auth: {token: abc}
                  docker.io:
                    tls:
                """);
        Files.setPosixFilePermissions(root.resolve(FILE), PosixFilePermissions.fromString("rw-------"));
        assertThat(plan(TRUSTED).withheld())
                .extracting(withheld -> withheld.change().key() + ": " + withheld.because())
                .containsExactly(
                        "configs.\"m.example\".auth.token: k3s ignores this key in silence. Did you mean 'identity_token'?"
                                + " It is not farrier's to change.",
                        "configs.\"m.example\": no mirrors entry has an endpoint with this host and port, so k3s uses neither its"
                                + " CA nor its login there. Did you mean 'm.example:5000'? It is not farrier's to change.");
    }

    @Test
    void refusesWhatK3sWouldNotStartWith() throws IOException {
        node.write(FILE, "mirrors:\n\tdocker.io:\n");
        FilePlan plan = plan(TRUSTED);
        assertThat(plan.edits()).isEmpty();
        assertThat(plan.refusal().orElseThrow().sentence())
                .startsWith("Tried to edit /etc/rancher/k3s/registries.yaml: line 2, column 1: this is not YAML: ");
    }

    // ---- other owners

    @Test
    void leavesTheFileToRancherAndSaysWhatToPaste() throws IOException {
        distribution = Distribution.RKE2;
        node.write("etc/rancher/rke2/config.yaml.d/50-rancher.yaml", "{}");
        FilePlan plan = plan(withAll("a.example:5000"));
        assertThat(plan.edits()).isEmpty();
        assertThat(plan.refusal().orElseThrow().sentence())
                .startsWith("Tried to plan /etc/rancher/rke2/registries.yaml: Rancher provisions this node (there is"
                        + " /etc/rancher/rke2/config.yaml.d/50-rancher.yaml), and would undo it. Paste this in Rancher, into"
                        + " Cluster Management -> the cluster -> Edit Config -> Registries, with the real secrets and with"
                        + " paths at which the certificates are there:"
                        + " {\"mirrors\": {\"a.example:5000\": {\"endpoint\": [\"https://a.example:5000\"]}},")
                .contains("\"password\": \"***\"")
                .doesNotContain("s3cret");
    }

    @Test
    void whatToPasteIsWhatK3sReads() throws IOException {
        node.write("etc/rancher/k3s/config.yaml.d/50-rancher.yaml", "{}");
        FilePlan plan = plan(Configurations.insecure("plain.example"));
        assertThat(plan.refusal().orElseThrow().sentence()).contains("{\"insecure_skip_verify\": true}");
    }

    /** SAFETY 6: every mark that Rancher leaves, on either distribution. */
    @ParameterizedTest
    @CsvSource({
        "K3S, etc/rancher/agent/config.yaml",
        "K3S, etc/rancher/k3s/config.yaml.d/50-rancher.yaml",
        "RKE2, etc/rancher/agent/config.yaml",
        "RKE2, etc/rancher/rke2/config.yaml.d/50-rancher.yaml"
    })
    void aNodeThatRancherProvisionsIsReportedAndNotWritten(Distribution which, String mark) throws IOException {
        distribution = which;
        node.write(mark, "{}");
        Map<String, String> before = node.tree();

        Outcome outcome = keep(TRUSTED).get(0);

        assertThat(outcome.result()).isEqualTo(Result.REFUSED);
        assertThat(outcome.reason().orElseThrow().sentence())
                .contains("Rancher provisions this node", "Edit Config -> Registries", "a.example:5000");
        assertThat(node.tree()).isEqualTo(before);
    }

    @Test
    void leavesTheFileToAnsible() throws IOException {
        node.write(FILE, "#\n# Ansible managed: do not touch\n#\nmirrors:\n");
        assertThat(plan(TRUSTED).refusal().orElseThrow().saw())
                .isEqualTo("its first lines say 'Ansible managed: do not touch', and would undo it.");
        node.write(FILE, "mirrors:\n# DO NOT EDIT by hand, said somebody\n");
        assertThat(plan(TRUSTED).refusal()).isEmpty();
    }

    @Test
    void refusesWhenAnotherFileIsRead() throws IOException {
        node.write("etc/rancher/k3s/config.yaml", "token: x\nprivate-registry: /etc/other.yaml\n");
        assertThat(plan(TRUSTED).refusal().orElseThrow().saw())
                .isEqualTo(
                        "/etc/rancher/k3s/config.yaml has 'private-registry: /etc/other.yaml', so that this file is not read.");
    }

    // ---- the restart

    @Test
    void isWrittenAndWaitsUntilK3sIsStarted() throws IOException {
        k3s.start();
        Outcome written = keep(TRUSTED).get(0);
        assertThat(written.result()).isEqualTo(Result.WAITING);
        assertThat(written.reason().orElseThrow().sentence())
                .isEqualTo("Wrote k3s/registries.yaml: k3s reads registries.yaml only when it starts."
                        + " Run 'systemctl restart k3s-agent' when it suits the node.");

        Map<String, String> stamps = node.stamps();
        assertThat(results(keep(TRUSTED))).containsExactly(Result.WAITING);
        assertThat(node.stamps()).isEqualTo(stamps);
        assertThat(plan(TRUSTED).isWaiting()).isTrue();
        assertThat(plan(TRUSTED).changes())
                .singleElement()
                .satisfies(change -> assertThat(change.before().orElseThrow()).matches("written .*, not in effect"));

        k3s.start();
        assertThat(plan(TRUSTED).isNoop()).isTrue();
        assertThat(results(keep(TRUSTED))).containsExactly(Result.KEPT);
        assertThat(k3s.restarts()).isZero();
    }

    @Test
    void aNewCaInTheNamedFileIsInEffectAtOnce() throws IOException {
        k3s.start();
        keep(TRUSTED);
        k3s.start();
        assertThat(results(keep(Configurations.trusted("a.example:5000", OTHER_CA))))
                .containsExactly(Result.APPLIED);
    }

    @Test
    void restartsAnAgentWhereThatIsAllowed() throws IOException {
        node.with(MAY_RESTART);
        k3s.start();
        assertThat(results(keep(TRUSTED))).containsExactly(Result.APPLIED);
        assertThat(k3s.restarts()).isEqualTo(1);
        assertThat(plan(TRUSTED).isNoop()).isTrue();
    }

    @Test
    void neverRestartsAServer() throws IOException {
        Files.createDirectories(root.resolve("var/lib/rancher/k3s/server/db"));
        node.with(MAY_RESTART);
        k3s.start();
        assertThat(results(keep(TRUSTED))).containsExactly(Result.WAITING);
        assertThat(k3s.restarts()).isZero();
        assertThat(plan(TRUSTED).changes())
                .allSatisfy(change ->
                        assertThat(change.consequence().orElseThrow().action()).isEqualTo(Action.NEXT_START));
    }

    @Test
    void putsTheFileBackWhenK3sDoesNotComeUp() throws IOException {
        node.with(MAY_RESTART);
        k3s.start();
        Map<String, String> before = node.tree();
        k3s.failsToStart();
        Outcome outcome = keep(TRUSTED).get(0);
        assertThat(outcome.result()).isEqualTo(Result.ROLLED_BACK);
        assertThat(node.tree()).isEqualTo(before);
        assertThat(k3s.answers()).as("started again with the old file").isTrue();
    }

    @Test
    void doesNotRestartIntoSomebodyElsesUpgrade() throws IOException {
        node.with(MAY_RESTART);
        node.write("usr/local/bin/k3s", "old");
        k3s.start();
        node.write("usr/local/bin/k3s", "new");
        node.write("etc/rancher/k3s/config.yaml", "debug: true\n");
        FilePlan plan = plan(TRUSTED);
        assertThat(plan.edits()).isEmpty();
        assertThat(plan.refusal().orElseThrow().saw())
                .isEqualTo(
                        "it would also bring into effect what others did since it started: /etc/rancher/k3s/config.yaml was"
                                + " changed; /usr/local/bin/k3s was replaced, which is an upgrade of Kubernetes.");
    }

    @Test
    void doesNotRestartIntoSomebodyElsesRegistries() throws IOException {
        node.with(MAY_RESTART);
        k3s.start();
        node.write(FILE, "mirrors:\n  quay.io:\n");
        Files.setLastModifiedTime(
                root.resolve(FILE), FileTime.from(Instant.now().plus(Duration.ofSeconds(1))));
        assertThat(plan(TRUSTED).refusal().orElseThrow().saw())
                .endsWith("/etc/rancher/k3s/registries.yaml was changed by somebody else.");
    }

    @Test
    void whatTheRunningK3sWasStartedWithStaysUntilItIsStartedAgain() throws IOException {
        keep(TRUSTED);
        k3s.start();
        assertThat(results(keep())).containsExactly(Result.WAITING);
        assertThat(node.read(FILE)).isEmpty();
        assertThat(root.resolve("etc/rancher/k3s/farrier/a.example:5000/ca.crt"))
                .exists();

        k3s.start();
        assertThat(results(keep())).containsExactly(Result.APPLIED);
        assertThat(root.resolve("etc/rancher")).doesNotExist();
        assertThat(node.ledger().ownership(distribution.resource()).isNone()).isTrue();
    }

    @Test
    void restoreGivesAllBackAtOnce() throws IOException {
        node.write(FILE, "mirrors: # mine\n");
        Map<String, String> before = node.tree();
        k3s.start();
        keep(TRUSTED);
        Outcome outcome = bench(file(TRUSTED)).restore(BY_HAND).get(0);
        assertThat(outcome.result()).isEqualTo(Result.WAITING);
        assertThat(node.tree()).isEqualTo(before);
    }

    @Test
    void anObservingAgentWritesNothing() throws IOException {
        node.with(new Brakes.Policy(false, Map.of(), true, true));
        k3s.start();
        Map<String, String> before = node.tree();
        List<Outcome> outcomes = bench(file(TRUSTED)).keep(Order.agent());
        assertThat(node.tree()).isEqualTo(before);
        assertThat(outcomes.get(0).withheld())
                .isNotEmpty()
                .allSatisfy(withheld -> assertThat(withheld.because()).contains("the mode is 'observe'"));
    }

    // ---- how

    private static Registry withAll(String host) {
        return new Registry(
                RegistryHost.parse(host),
                Optional.of(CA),
                Optional.of(new ClientPair(CA, Secret.of("-----BEGIN PRIVATE KEY-----"))),
                Optional.of(new Login("robot", Secret.of("s3cret"))),
                false,
                Optional.empty());
    }

    private static Map<String, Mirror> mirror(String... urls) {
        return Configurations.mirror("docker.io", urls);
    }

    private RegistriesYamlFile file(Registry... registries) {
        FarrierConfig config = Configurations.of(List.of(registries), mirrors, Map.of());
        return new RegistriesYamlFile(config, distribution, node.files(), node.ledger(), k3s.service("k3s-agent"));
    }

    private FilePlan plan(Registry... registries) throws IOException {
        return bench(file(registries)).plan(BY_HAND).files().get(0);
    }

    private List<Outcome> keep(Registry... registries) throws IOException {
        return bench(file(registries)).keep(BY_HAND);
    }

    private io.farrier.reconcile.Keeper bench(RegistriesYamlFile file) {
        return node.keeper(k3s.daemons("k3s-agent"), file);
    }

    private static List<Result> results(List<Outcome> outcomes) {
        return outcomes.stream().map(Outcome::result).toList();
    }

    private String mode(String path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve(path)));
    }

    private void open(String path) throws IOException {
        Files.setPosixFilePermissions(root.resolve(path), PosixFilePermissions.fromString("rw-r--r--"));
    }
}
