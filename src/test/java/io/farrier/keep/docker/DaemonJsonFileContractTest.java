package io.farrier.keep.docker;

import io.farrier.plan.Resource;
import io.farrier.testing.Configurations;
import io.farrier.testing.NodeBench;
import io.farrier.testing.ResourceContract;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

final class DaemonJsonFileContractTest extends ResourceContract {
    private static final String FILE = "etc/docker/daemon.json";

    @Override
    protected void prepare(NodeBench node) throws IOException {
        node.write(FILE, "{\n\t\"log-driver\": \"json-file\",\n\t\"insecure-registries\": [ \"10.0.0.0/8\" ]\n}\n");
    }

    @Override
    protected Resource<?> wanting(NodeBench node) {
        return file(
                node,
                List.of(Configurations.insecure("plain.example:5000")),
                Map.of("live-restore", true),
                Configurations.mirror("docker.io", "https://mirror.example"));
    }

    @Override
    protected Resource<?> wantingSomethingElse(NodeBench node) {
        return file(
                node,
                List.of(Configurations.insecure("plain.example:5000"), Configurations.insecure("b.example:5000")),
                Map.of("debug", true),
                Map.of());
    }

    @Override
    protected Resource<?> wantingNothing(NodeBench node) {
        return file(node, List.of(), Map.of(), Map.of());
    }

    private static Resource<?> file(
            NodeBench node,
            List<io.farrier.config.FarrierConfig.Registry> registries,
            Map<String, Object> keys,
            Map<String, io.farrier.config.FarrierConfig.Mirror> mirrors) {
        return new DaemonJsonFile(
                Configurations.of(registries, mirrors, keys),
                node.files(),
                node.ledger(),
                Optional.of(node.runningDockerd()));
    }

    @Override
    protected void reformat(NodeBench node) throws IOException {
        node.write(
                FILE,
                "{\"registry-mirrors\":[\"https://mirror.example/\"],\"live-restore\":true,\"insecure-registries\":"
                        + "[\"plain.example:5000\",\"10.0.0.0/8\"],\"log-driver\":\"json-file\"}");
    }

    @Override
    protected void writeSomethingForeign(NodeBench node) throws IOException {
        node.write(FILE, node.read(FILE).replaceFirst("\\{", "{ \"dns\": [\"10.0.0.10\"],"));
    }

    @Override
    protected boolean hasSomethingForeign(NodeBench node) throws IOException {
        return node.read(FILE).contains("10.0.0.10") && node.read(FILE).contains("10.0.0.0/8");
    }
}
