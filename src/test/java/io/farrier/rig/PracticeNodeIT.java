package io.farrier.rig;

import static io.farrier.testing.PracticeNode.KUBECTL;
import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.testing.PracticeNode;
import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the other tests may rely on. */
class PracticeNodeIT {

    @RegisterExtension
    static final PracticeNode NODE = PracticeNode.named("parts").daemonJson("""
            {"insecure-registries": ["plain.practice:5001", "registry.practice:5000"], "live-restore": true}
            """);

    @Test
    void filesAreTheSameFromBothSides() throws IOException {
        NODE.exec("sh", "-c", "echo mode: observe > /etc/farrier/farrier.yaml").succeeded();

        assertThat(NODE.file("/etc/farrier/farrier.yaml")).hasContent("mode: observe");
        assertThat(NODE.directory().resolve("etc-farrier/farrier.yaml")).hasContent("mode: observe");
    }

    @Test
    void theNodeHasItsOwnNameAndAddressAndSeesTheMachine() {
        assertThat(NODE.exec("cat", "/proc/sys/kernel/hostname").succeeded().out())
                .isEqualTo("parts\n");
        assertThat(NODE.exec("ip", "route", "get", NODE.hostAddress())
                        .succeeded()
                        .out())
                .contains("dev eth0 src " + NODE.address());
    }

    @Test
    void containersOutliveDockerdAndTheirLogsAreFiles() throws IOException {
        NODE.seedTo("plain", KUBECTL);
        String image = NODE.plainRegistry() + "/" + KUBECTL;
        String id = NODE.docker(
                        "run",
                        "-d",
                        "--name",
                        "kubelet",
                        "--network",
                        "none",
                        image,
                        "sh",
                        "-c",
                        "echo hello; sleep 600")
                .succeeded()
                .out()
                .strip();
        int before = NODE.pid("dockerd");

        NODE.kill("dockerd");
        assertThat(NODE.docker("ps").exited(1).err()).contains("Is the docker daemon running?");
        NODE.start("dockerd");

        assertThat(NODE.pid("dockerd")).isNotEqualTo(before);
        assertThat(NODE.docker("ps", "--format", "{{.Names}} {{.Status}}")
                        .succeeded()
                        .out())
                .startsWith("kubelet Up");
        assertThat(Files.readString(
                        NODE.directory().resolve("data/containers").resolve(id).resolve(id + "-json.log")))
                .startsWith("{\"log\":\"hello\\n\",\"stream\":\"stdout\"");
    }

    @Test
    void aRegistryMayBeAbsentForAWhile() {
        NODE.seed(PAUSE);
        String image = NODE.registry() + "/" + PAUSE;

        NODE.stop("registry");
        assertThat(NODE.docker("pull", image).exited(1).err()).contains("connection refused");
        NODE.start("registry");

        NODE.docker("pull", image).succeeded();
    }

    @Test
    void theRealJarRunsInTheNode() {
        NODE.farrier("version").succeeded();
    }

    @Test
    void niceErrorWhenTheRuntimesOwnConfigurationIsBroken() {
        PracticeNode broken = PracticeNode.named("broken").daemonJson("{\"nope\": 1}");

        try (broken) {
            assertThatThrownBy(broken::up)
                    .hasMessageContaining("dockerd ended: unable to configure the Docker daemon")
                    .hasMessageContaining("don't match any configuration option: nope");
        }
    }
}
