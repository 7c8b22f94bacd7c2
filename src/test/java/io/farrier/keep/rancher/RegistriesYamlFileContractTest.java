package io.farrier.keep.rancher;

import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.ClientPair;
import io.farrier.config.FarrierConfig.Login;
import io.farrier.config.FarrierConfig.Mirror;
import io.farrier.config.FarrierConfig.Registry;
import io.farrier.image.RegistryHost;
import io.farrier.keep.rancher.RancherNode.Distribution;
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

final class RegistriesYamlFileContractTest extends ResourceContract {
    private static final String FILE = "etc/rancher/k3s/registries.yaml";

    @Override
    protected void prepare(NodeBench node) throws IOException {
        node.write(FILE, """
                # the platform team's
                mirrors:
                  docker.io:
                    endpoint:
                      - "https://own.example" # first
                configs: {}
                """);
    }

    @Override
    protected Resource<?> wanting(NodeBench node) {
        return file(
                node,
                List.of(registry("b.example", TestCertificates.OTHER_CA, Optional.empty())),
                Map.of("docker.io", new Mirror(List.of(URI.create("https://b.example")), Map.of("^x/(.*)", "y/$1"))));
    }

    @Override
    protected Resource<?> wantingSomethingElse(NodeBench node) {
        return file(
                node,
                List.of(
                        registry("b.example", TestCertificates.CA, Optional.of("key 2")),
                        Configurations.insecure("plain.example:5001"),
                        Configurations.trusted("[2001:db8::1]:5000", TestCertificates.CA)),
                Map.of("*", new Mirror(List.of(URI.create("http://c.example")), Map.of())));
    }

    @Override
    protected Resource<?> wantingNothing(NodeBench node) {
        return file(node, List.of(), Map.of());
    }

    private static Registry registry(String host, byte[] ca, Optional<String> key) {
        return new Registry(
                RegistryHost.parse(host),
                Optional.of(ca),
                key.map(text -> new ClientPair(TestCertificates.CA, Secret.of(text))),
                Optional.of(new Login("robot", Secret.of("s3cret"))),
                false,
                Optional.empty());
    }

    private static Resource<?> file(NodeBench node, List<Registry> registries, Map<String, Mirror> mirrors) {
        FarrierConfig config = Configurations.of(registries, mirrors, Map.of());
        return new RegistriesYamlFile(config, Distribution.K3S, node.files(), node.ledger(), Optional.empty());
    }

    @Override
    protected void reformat(NodeBench node) throws IOException {
        node.write(FILE, """
                configs:
                    "b.example": {auth: {password: 's3cret', username: robot}, tls: {
                      ca_file: /etc/rancher/k3s/farrier/b.example/ca.crt}}
                mirrors:
                    b.example: {endpoint: [https://b.example/]}
                    docker.io:
                        rewrite: {"^x/(.*)": y/$1}
                        endpoint: [https://own.example, 'https://b.example']
                """);
    }

    @Override
    protected void writeSomethingForeign(NodeBench node) throws IOException {
        node.write(
                FILE, node.read(FILE).replaceFirst("mirrors:", "mirrors:\n  quay.io:\n    endpoint: [https://theirs]"));
    }

    @Override
    protected boolean hasSomethingForeign(NodeBench node) throws IOException {
        String text = node.read(FILE);
        return text.contains("  quay.io:\n    endpoint: [https://theirs]\n")
                && text.contains("- \"https://own.example\" # first\n");
    }
}
