package io.farrier.rig;

import static io.farrier.rig.NeighbourSecrets.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.testing.PracticeNode;
import io.farrier.testing.RunningFarrier;
import io.farrier.testing.TestCollector;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * SAFETY 32, where the agent speaks by itself: what others keep in daemon.json is in no frame that reaches a collector, not in
 * what its page is made from, in no journal and on no disk but in the copies that root alone can read.
 */
final class NeighboursSecretsIT {
    private static final String NAME = "neighbours";

    /** Written while dockerd runs: none of it is in effect, so that the agent has much to say about it. */
    private static final String DAEMON_JSON = NeighbourSecrets.daemonJson(
            "\"registry-mirrors\": [\"https://u:hunter2-mirror@own.example\"]",
            "\"insecure-registries\": [\"u:hunter2-insecure@own.example\"]");

    private static final List<String> ANSWERS = List.of(
            "/api/nodes",
            "/api/nodes/" + NAME,
            "/api/findings?node=" + NAME,
            "/api/registries?node=" + NAME,
            "/api/containers?node=" + NAME,
            "/api/images?node=" + NAME,
            "/metrics");

    @RegisterExtension
    final PracticeNode node = PracticeNode.named(NAME);

    @Test
    void reachNoCollectorAndNoJournal() throws IOException {
        try (TestCollector collector = TestCollector.beside(node)) {
            node.configure("mode: keep\nregistries:\n  - {host: '" + node.registry() + "', ca: certs/registry-ca.crt}\n"
                    + "  - {host: '" + node.plainRegistry() + "', insecure: true}\n"
                    + "docker: {daemon_json: {debug: true, log-opts: {splunk-token: hunter2-configured}}}\n"
                    + "intervals: {reconcile: 1s, health: 2s}\n" + collector.section());
            Path file = node.file("/etc/docker/daemon.json");
            Files.writeString(file, DAEMON_JSON);

            try (RunningFarrier agent = node.startFarrier("agent")) {
                collector.awaitApi(
                        "/api/findings?node=" + NAME, seen -> seen.toString().contains("daemon.json"));
                isNowhere(agent, collector);

                Files.writeString(file, DAEMON_JSON + "\n}] = : \"hunter2-broken");
                agent.says("daemon.json: refused");
                collector.awaitApi(
                        "/api/findings?node=" + NAME, seen -> seen.toString().contains("line 1"));
                isNowhere(agent, collector);
            }
        }
    }

    private void isNowhere(RunningFarrier agent, TestCollector collector) throws IOException {
        for (String path : ANSWERS) {
            assertThat(collector.get(path).body()).as(path).isNotBlank().doesNotContain(SECRET);
        }
        assertThat(agent.output()).doesNotContain(SECRET);
        assertThat(collector.farrier().output()).doesNotContain(SECRET);
        Path state = node.file("/var/lib/farrier");
        for (Path folder : List.of(state.resolve("spool"), state.resolve("collector"))) {
            try (Stream<Path> paths = Files.walk(folder)) {
                for (Path path : paths.filter(Files::isRegularFile).toList()) {
                    assertThat(Files.readString(path, StandardCharsets.ISO_8859_1))
                            .as("%s", path)
                            .doesNotContain(SECRET);
                }
            }
        }
    }
}
