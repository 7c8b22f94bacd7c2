package io.farrier.keep.containerd;

import static io.farrier.testing.TestCertificates.CA;
import static io.farrier.testing.TestCertificates.OTHER_CA;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.FarrierConfig.ClientPair;
import io.farrier.config.FarrierConfig.Mirror;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.image.RegistryHost;
import io.farrier.plan.FilePlan;
import io.farrier.plan.Outcome;
import io.farrier.plan.Outcome.Result;
import io.farrier.plan.Withheld;
import io.farrier.reconcile.Order;
import io.farrier.secret.Secret;
import io.farrier.testing.Configurations;
import io.farrier.testing.NodeBench;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostsDirectoryTest {
    static final String CONFIGURED =
            "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\".registry]\n  config_path = \"/etc/containerd/certs.d\"\n";

    private static final Order BY_HAND = Order.byHand("root");
    private static final String CERTS = "etc/containerd/certs.d/";
    private static final Registry TRUSTED = Configurations.trusted("a.example:5000", CA);

    @TempDir
    Path root;

    private NodeBench node;
    private Map<String, Mirror> mirrors = Map.of();

    @BeforeEach
    void prepare() throws IOException {
        node = new NodeBench(root);
        node.write("etc/containerd/config.toml", CONFIGURED);
    }

    @Test
    void whatAnsibleWritesIsReportedAndLeftAlone() throws IOException {
        String theirs = "# Ansible managed\nserver = \"https://a.example:5000\"\n";
        node.write(CERTS + "a.example:5000/hosts.toml", theirs);
        Map<String, String> before = node.tree();
        assertThat(plan(TRUSTED).withheld())
                .isNotEmpty()
                .allSatisfy(withheld -> assertThat(withheld.because())
                        .isEqualTo(
                                "its first lines say 'Ansible managed', and who writes it would undo this. Write it there, or"
                                        + " set 'manage: {hosts.toml: own}'."));
        keep(TRUSTED);
        assertThat(node.tree()).isEqualTo(before);
    }

    @Test
    void namesTheCaAboveAllHostsAndTheRegistryAsOne() throws IOException {
        keep(TRUSTED);
        assertThat(node.read(CERTS + "a.example:5000/hosts.toml")).isEqualTo("""
                server = "https://a.example:5000"
                ca = ["/etc/containerd/certs.d/a.example:5000/ca.crt"]
                [host."https://a.example:5000"]
                capabilities = ["pull", "resolve"]
                ca = ["/etc/containerd/certs.d/a.example:5000/ca.crt"]
                """);
        assertThat(root.resolve(CERTS + "a.example:5000/ca.crt")).hasBinaryContent(CA);
    }

    @Test
    void asksMirrorsInOrderEachWithItsOwnTrust() throws IOException {
        mirrors = mirror("docker.io", "https://b.example/v2/proxy", "https://a.example:5000", "https://c.example/");
        keep(TRUSTED, Configurations.insecure("b.example"));
        assertThat(node.read(CERTS + "docker.io/hosts.toml")).isEqualTo("""
                server = "https://registry-1.docker.io"
                [host."https://b.example/v2/proxy"]
                capabilities = ["pull", "resolve"]
                override_path = true
                skip_verify = true
                [host."https://a.example:5000"]
                capabilities = ["pull", "resolve"]
                ca = ["/etc/containerd/certs.d/a.example:5000/ca.crt"]
                [host."https://c.example"]
                capabilities = ["pull", "resolve"]
                """);
        assertThat(node.read(CERTS + "b.example/hosts.toml")).isEqualTo("""
                server = "https://b.example"
                skip_verify = true
                [host."https://b.example"]
                capabilities = ["pull", "resolve"]
                skip_verify = true
                [host."http://b.example"]
                capabilities = ["pull", "resolve"]
                skip_verify = true
                """);
    }

    @Test
    void anotherOrderOfMirrorsIsWrittenInThatOrder() throws IOException {
        mirrors = mirror("*", "https://a.example", "https://b.example");
        keep();
        mirrors = mirror("*", "https://b.example", "https://a.example");
        assertThat(results(keep())).containsExactly(Result.APPLIED);
        String text = node.read(CERTS + "_default/hosts.toml");
        assertThat(text.indexOf("b.example")).isPositive().isLessThan(text.indexOf("a.example"));
        assertThat(plan().isNoop()).isTrue();
    }

    @Test
    void anotherClientPairChangesInOneStep() throws IOException {
        keep(withClient(CA, "key 1"));
        List<String> first = names("a.example:5000");
        FilePlan plan = plan(withClient(OTHER_CA, "key 2"));
        assertThat(plan.edits())
                .extracting(edit -> edit.phase() + " "
                        + edit.path().getFileName().toString().replaceAll("[0-9a-f]{12}", "*"))
                .containsExactlyInAnyOrder(
                        "ADD_TRUST client-*.cert",
                        "ADD_TRUST client-*.key",
                        "DOCUMENT hosts.toml",
                        "DROP_TRUST client-*.cert",
                        "DROP_TRUST client-*.key");
        keep(withClient(OTHER_CA, "key 2"));
        assertThat(names("a.example:5000")).hasSize(3).doesNotContainAnyElementsOf(first.subList(0, 2));
        Path key = root.resolve(CERTS + "a.example:5000")
                .resolve(names("a.example:5000").get(1));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
    }

    @Test
    void aClientPairStaysWholeWhenSomebodyChangedOneHalf() throws IOException {
        keep(withClient(CA, "key 1"));
        List<String> pair = names("a.example:5000").subList(0, 2);
        node.write(CERTS + "a.example:5000/" + pair.get(1), "key 1, with a remark");
        keep();
        assertThat(names("a.example:5000")).isEqualTo(pair);
        assertThat(plan().withheld())
                .extracting(Withheld::because)
                .containsExactlyInAnyOrder(
                        "it is half of a client pair, and somebody changed the other half.",
                        "somebody changed it since farrier wrote it. Remove it by hand if it is not needed.");
    }

    @Test
    void editsTheFolderThatContainerdLooksAtFirst() throws IOException {
        node.write(CERTS + "a.example_5000_/hosts.toml", "[host.'https://mine']\n");
        keep(TRUSTED);
        assertThat(node.read(CERTS + "a.example_5000_/hosts.toml"))
                .contains("[host.'https://mine']")
                .contains("ca = [\"/etc/containerd/certs.d/a.example_5000_/ca.crt\"]");
        assertThat(root.resolve(CERTS + "a.example:5000")).doesNotExist();
    }

    @Test
    void anOperatorsServerAndCaStay() throws IOException {
        String theirs = "server = 'https://front.example' # why\nca = \"/etc/ssl/own.crt\"\n";
        node.write(CERTS + "a.example:5000/hosts.toml", theirs);
        keep(TRUSTED);
        assertThat(node.read(CERTS + "a.example:5000/hosts.toml"))
                .isEqualTo("server = 'https://front.example' # why\n"
                        + "ca = [\"/etc/ssl/own.crt\", \"/etc/containerd/certs.d/a.example:5000/ca.crt\"]\n"
                        + "[host.\"https://front.example\"]\n"
                        + "capabilities = [\"pull\", \"resolve\"]\n"
                        + "ca = [\"/etc/containerd/certs.d/a.example:5000/ca.crt\"]\n");
        keep();
        assertThat(node.read(CERTS + "a.example:5000/hosts.toml")).isEqualTo(theirs);
    }

    @Test
    void whatContainerdReadByItselfStaysTrusted() throws IOException {
        node.write(CERTS + "a.example:5000/corp.crt", OTHER_CA);
        node.write(CERTS + "a.example:5000/own.cert", "x");
        FilePlan plan = plan(TRUSTED);
        keep(TRUSTED);
        assertThat(node.read(CERTS + "a.example:5000/hosts.toml"))
                .contains(
                        "ca = [\"/etc/containerd/certs.d/a.example:5000/ca.crt\", \"/etc/containerd/certs.d/a.example:5000/corp.crt\"]");
        assertThat(plan.withheld())
                .extracting(Withheld::because)
                .containsExactly(
                        "containerd reads it only while there is no hosts.toml, which farrier makes. Configure it as the"
                                + " registry's 'client'.");
    }

    @Test
    void ownsNothingWhenTheOperatorTrustsItAlready() throws IOException {
        node.write(CERTS + "a.example:5000/corp.crt", (text(OTHER_CA) + text(CA)).getBytes(StandardCharsets.UTF_8));
        assertThat(plan(TRUSTED).isNoop()).isTrue();
        assertThat(plan(TRUSTED).claims()).isEmpty();
    }

    @Test
    void saysThatItCannotRewrite() throws IOException {
        mirrors = Map.of("docker.io", new Mirror(List.of(URI.create("https://m.example")), Map.of("^a", "b")));
        assertThat(plan().withheld())
                .singleElement()
                .satisfies(
                        withheld -> assertThat(withheld.because()).startsWith("containerd by itself cannot rewrite"));
    }

    @Test
    void refusesAFileThatContainerdIgnoresAsAWhole() throws IOException {
        node.write(CERTS + "a.example:5000/hosts.toml", "server = 'x'\nskip_verify = 'yes'\n");
        assertThat(plan(TRUSTED).refusal().orElseThrow().sentence())
                .isEqualTo(
                        "Tried to edit /etc/containerd/certs.d/a.example:5000/hosts.toml: line 2, column 1: 'skip_verify' must"
                                + " be true or false; containerd ignores the whole file. farrier changed nothing. Write that part of the"
                                + " file plainly.");
    }

    // ---- where containerd looks

    @Test
    void refusesWithTheLinesToAddWhereContainerdDoesNotLook() throws IOException {
        Files.delete(root.resolve("etc/containerd/config.toml"));
        assertThat(plan(TRUSTED).refusal().orElseThrow().sentence())
                .isEqualTo(
                        "Tried to plan /etc/containerd/certs.d: containerd would not look there: config_path is not set in"
                                + " /etc/containerd/config.toml. Add these two lines to it, then restart containerd once:"
                                + " [plugins.\"io.containerd.grpc.v1.cri\".registry] and config_path = \"/etc/containerd/certs.d\".");
        node.write("etc/containerd/config.toml", """
                version = 3
                [plugins.'io.containerd.cri.v1.images'.registry.mirrors."docker.io"]
                  endpoint = ["https://old"]
                """);
        assertThat(plan(TRUSTED).refusal().orElseThrow().todo())
                .contains("[plugins.\"io.containerd.cri.v1.images\".registry]")
                .endsWith("Take out registry.mirrors and registry.configs: containerd does not start with both.");
    }

    @Test
    void looksWhereContainerdWasToldToLook() throws IOException {
        node.write("etc/containerd/config.toml", "version = 3\nimports = ['/etc/containerd/conf.d/*.toml']\n");
        node.write(
                "etc/containerd/conf.d/registry.toml",
                "[plugins.'io.containerd.cri.v1.images'.registry]\nconfig_path = '/etc/hosts.d:/etc/docker/certs.d'\n");
        keep(TRUSTED);
        assertThat(root.resolve("etc/hosts.d/a.example:5000/hosts.toml")).exists();
    }

    // ---- how

    private static Registry withClient(byte[] cert, String key) {
        return new Registry(
                RegistryHost.parse("a.example:5000"),
                Optional.empty(),
                Optional.of(new ClientPair(cert, Secret.of(key))),
                Optional.empty(),
                false,
                Optional.empty());
    }

    private static Map<String, Mirror> mirror(String upstream, String... urls) {
        return Configurations.mirror(upstream, urls);
    }

    private List<String> names(String folder) throws IOException {
        try (Stream<Path> files = Files.list(root.resolve(CERTS + folder))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static String text(byte[] pem) {
        return new String(pem, StandardCharsets.UTF_8);
    }

    private HostsDirectory hosts(Registry... registries) {
        return new HostsDirectory(
                Configurations.of(List.of(registries), mirrors, Map.of()), node.files(), node.ledger());
    }

    private FilePlan plan(Registry... registries) throws IOException {
        return node.keeper(hosts(registries)).plan(BY_HAND).files().get(0);
    }

    private List<Outcome> keep(Registry... registries) throws IOException {
        return node.keeper(hosts(registries)).keep(BY_HAND);
    }

    private static List<Result> results(List<Outcome> outcomes) {
        return outcomes.stream().map(Outcome::result).toList();
    }
}
