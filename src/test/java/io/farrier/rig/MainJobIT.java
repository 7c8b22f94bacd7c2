package io.farrier.rig;

import static io.farrier.testing.PracticeNode.CIS_OPERATOR;
import static io.farrier.testing.PracticeNode.KUBECTL;
import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.RunningFarrier;
import io.farrier.testing.TestCollector;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The main job, from a node that trusts nobody to a collector that shows it right, with the real jar on real parts. */
final class MainJobIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @RegisterExtension
    final PracticeNode node =
            PracticeNode.named("main-job").daemonJson(DAEMON_JSON).seeded(PAUSE, KUBECTL, CIS_OPERATOR);

    private static final String DAEMON_JSON =
            "{\n    \"log-driver\": \"json-file\",   \"log-opts\": {\"max-size\": \"1m\"}\n}\n";

    @Test
    void trustsTheRegistryPullsTheImagesAndTellsTheCollectorWithoutTouchingAContainer() {
        node.seedTo("plain", KUBECTL);
        String pause = node.registry() + "/" + PAUSE;
        assertThat(node.docker("pull", pause).exited(1).err())
                .contains("x509: certificate signed by unknown authority");

        runAsRkeNames("kubelet");
        runAsRkeNames("etcd");
        int dockerd = node.pid("dockerd");
        String started = startTimes();

        try (TestCollector collector = TestCollector.beside(node)) {
            node.configure(mode("keep") + registries() + images()
                    + "intervals: {reconcile: 10m, health: 2s, images: 10m}\n" + collector.section());

            assertThat(node.farrier("plan").exited(2).out())
                    .contains("docker/certs.d", "+ " + node.registry() + "/ca.crt")
                    .contains("docker/daemon.json", node.plainRegistry(), "live-restore")
                    .contains("reload of docker");

            try (RunningFarrier agent = node.startFarrier("agent")) {
                agent.says("docker/certs.d: applied + " + node.registry() + "/ca.crt");
                agent.says("proof/" + node.registry() + ": proven");
                await().atMost(PATIENCE).until(() -> node.docker("pull", pause).exit() == 0);
                JsonNode images =
                        collector.awaitApi("/api/images?node=main-job", seen -> count(seen, "state", "present") == 3);

                assertThat(images.findValuesAsText("reference"))
                        .containsExactlyInAnyOrder(
                                pause, node.registry() + "/" + KUBECTL, node.registry() + "/" + CIS_OPERATOR);
                assertThat(node.docker("info", "-f", "{{.LiveRestoreEnabled}} {{.RegistryConfig.IndexConfigs}}")
                                .succeeded()
                                .out())
                        .startsWith("true")
                        .contains(node.plainRegistry());
                assertThat(node.docker("pull", node.plainRegistry() + "/" + KUBECTL)
                                .succeeded()
                                .out())
                        .contains("Downloaded newer image");

                collector.awaitApi(
                        "/api/containers?node=main-job",
                        seen -> count(seen, "role", "etcd") == 1 && count(seen, "role", "kubelet") == 1);
                collector.awaitApi("/api/registries?node=main-job", seen -> count(seen, "trust", "kept") == 2);
                collector.awaitApi(
                        "/api/logs?node=main-job&container=etcd&limit=5",
                        seen -> seen.toString().contains("etcd says line"));

                node.docker("rmi", node.registry() + "/" + CIS_OPERATOR).succeeded();
                await("a removed image is back")
                        .atMost(PATIENCE)
                        .until(() -> node.docker("image", "inspect", node.registry() + "/" + CIS_OPERATOR)
                                        .exit()
                                == 0);
                node.exec("rm", "/etc/docker/certs.d/" + node.registry() + "/ca.crt")
                        .succeeded();
                await("removed trust is back")
                        .atMost(PATIENCE)
                        .until(() -> node.exec("test", "-s", "/etc/docker/certs.d/" + node.registry() + "/ca.crt")
                                        .exit()
                                == 0);

                assertThat(node.pid("dockerd")).isEqualTo(dockerd);
                assertThat(startTimes()).isEqualTo(started);
                assertThat(node.farrier("plan").exited(0).out()).contains("Nothing to do");
                assertThat(agent.isAlive()).isTrue();
            }
        }
    }

    private void runAsRkeNames(String name) {
        node.runScript(name, "i=0; while :; do i=$((i+1)); echo " + name + " says line $i; sleep 0.2; done");
    }

    private String startTimes() {
        return node.docker("inspect", "-f", "{{.Name}} {{.State.StartedAt}} {{.State.Pid}}", "kubelet", "etcd")
                .succeeded()
                .out();
    }

    private static long count(JsonNode seen, String field, String value) {
        return seen.findValues(field).stream()
                .filter(found -> found.asText().equals(value))
                .count();
    }

    private static String mode(String mode) {
        return "mode: " + mode + "\n";
    }

    private String registries() {
        return """
                registries:
                  - host: %s
                    ca: certs/registry-ca.crt
                  - host: %s
                    insecure: true
                docker: {daemon_json: {live-restore: true}}
                """.formatted(node.registry(), node.plainRegistry());
    }

    private String images() {
        return """
                images:
                  system_default_registry: %s
                  keep: [%s, %s, %s]
                """.formatted(node.registry(), PAUSE, KUBECTL, CIS_OPERATOR);
    }
}
