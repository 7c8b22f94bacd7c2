package io.farrier.keep.docker;

import static io.farrier.keep.docker.Certificates.CA;
import static io.farrier.keep.docker.Certificates.OTHER_CA;

import io.farrier.config.FarrierConfig;
import io.farrier.image.RegistryHost;
import io.farrier.plan.Resource;
import io.farrier.secret.Secret;
import io.farrier.testing.Configurations;
import io.farrier.testing.NodeBench;
import io.farrier.testing.ResourceContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;

final class CertsDirectoryContractTest extends ResourceContract {
    private static final String FOREIGN = "etc/docker/certs.d/a.example:5000/ca.crt";

    @Override
    protected void prepare(NodeBench node) throws IOException {
        node.write(FOREIGN, OTHER_CA);
    }

    @Override
    protected Resource<?> wanting(NodeBench node) {
        return certs(node, Configurations.trusted("a.example:5000", CA), withClient("b.example", OTHER_CA, "key 1"));
    }

    @Override
    protected Resource<?> wantingSomethingElse(NodeBench node) {
        return certs(node, withClient("b.example", CA, "key 2"), Configurations.trusted("[2001:db8::1]:5000", CA));
    }

    @Override
    protected Resource<?> wantingNothing(NodeBench node) {
        return certs(node);
    }

    private static FarrierConfig.Registry withClient(String host, byte[] ca, String key) {
        return new FarrierConfig.Registry(
                RegistryHost.parse(host),
                Optional.of(ca),
                Optional.of(new FarrierConfig.ClientPair(CA, Secret.of(key))),
                Optional.empty(),
                false,
                Optional.empty());
    }

    private static Resource<?> certs(NodeBench node, FarrierConfig.Registry... registries) {
        return new CertsDirectory(Configurations.of(List.of(registries)), node.files(), node.ledger());
    }

    @Override
    protected void reformat(NodeBench node) throws IOException {
        String pem = new String(CA, StandardCharsets.UTF_8).replace("\n", "\r\n");
        node.write("etc/docker/certs.d/a.example:5000/farrier.crt", "# the same, with a remark\r\n" + pem);
    }

    @Override
    protected void writeSomethingForeign(NodeBench node) throws IOException {
        node.write("etc/docker/certs.d/b.example/ca.crt", CA);
        node.write("etc/docker/certs.d/b.example/note.txt", "mine");
    }

    @Override
    protected boolean hasSomethingForeign(NodeBench node) throws IOException {
        return Files.exists(node.root().resolve(FOREIGN))
                && node.read("etc/docker/certs.d/b.example/note.txt").equals("mine");
    }
}
