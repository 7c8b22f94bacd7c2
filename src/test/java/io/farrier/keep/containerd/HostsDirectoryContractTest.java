package io.farrier.keep.containerd;

import io.farrier.config.FarrierConfig.ClientPair;
import io.farrier.config.FarrierConfig.Mirror;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.image.RegistryHost;
import io.farrier.plan.Resource;
import io.farrier.secret.Secret;
import io.farrier.testing.Configurations;
import io.farrier.testing.NodeBench;
import io.farrier.testing.ResourceContract;
import io.farrier.testing.TestCertificates;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;

final class HostsDirectoryContractTest extends ResourceContract {
    private static final String FOREIGN = "etc/containerd/certs.d/a.example:5000/hosts.toml";

    @Override
    protected void prepare(NodeBench node) throws IOException {
        node.write("etc/containerd/config.toml", HostsDirectoryTest.CONFIGURED);
        node.write(
                FOREIGN,
                "server = \"https://a.example:5000\" # mine\n\n[host.\"https://near.example\"]\n  capabilities = [\"pull\"]\n");
    }

    @Override
    protected Resource<?> wanting(NodeBench node) {
        return hosts(
                node,
                Map.of("docker.io", new Mirror(List.of(URI.create("https://a.example:5000")), Map.of())),
                Configurations.trusted("a.example:5000", TestCertificates.CA));
    }

    @Override
    protected Resource<?> wantingSomethingElse(NodeBench node) {
        Registry withClient = new Registry(
                RegistryHost.parse("b.example"),
                Optional.of(TestCertificates.OTHER_CA),
                Optional.of(new ClientPair(TestCertificates.CA, Secret.of("key"))),
                Optional.empty(),
                false,
                Optional.empty());
        Map<String, Mirror> mirrors = Map.of(
                "docker.io",
                new Mirror(List.of(URI.create("https://b.example"), URI.create("https://a.example:5000")), Map.of()));
        return hosts(node, mirrors, withClient, Configurations.insecure("plain.example"));
    }

    @Override
    protected Resource<?> wantingNothing(NodeBench node) {
        return hosts(node, Map.of());
    }

    private static Resource<?> hosts(NodeBench node, Map<String, Mirror> mirrors, Registry... registries) {
        return new HostsDirectory(
                Configurations.of(List.of(registries), mirrors, Map.of()), node.files(), node.ledger());
    }

    @Override
    protected void reformat(NodeBench node) throws IOException {
        node.write("etc/containerd/certs.d/docker.io/hosts.toml", """
                server='https://registry-1.docker.io'
                [ host . "https://a.example:5000" ]   # near
                ca = [
                  '/etc/containerd/certs.d/a.example:5000/ca.crt',
                ]
                capabilities = [ 'pull', 'resolve' ]
                """);
    }

    @Override
    protected void writeSomethingForeign(NodeBench node) throws IOException {
        node.write(FOREIGN, node.read(FOREIGN) + "[host.\"https://theirs.example\"]\n  skip_verify = true\n");
    }

    @Override
    protected boolean hasSomethingForeign(NodeBench node) throws IOException {
        String text = node.read(FOREIGN);
        return text.contains("[host.\"https://theirs.example\"]\n  skip_verify = true\n")
                && text.startsWith("server = \"https://a.example:5000\" # mine\n");
    }
}
