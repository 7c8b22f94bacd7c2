package io.farrier.rig;

import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.testing.PracticeNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What {@code farrier plan --explain} prints, done by a shell on a node whose dockerd is real. */
class ByHandIT {
    @RegisterExtension
    static final PracticeNode NODE =
            PracticeNode.named("by-hand").seeded(PAUSE).daemonJson("{\n  \"max-concurrent-uploads\": 2\n}\n");

    @Test
    void aShellDoesWhatApplyWouldAndFarrierFindsNothingLeftToDo() throws IOException {
        NODE.configure("""
                mode: keep
                registries:
                  - host: %s
                    ca: certs/registry-ca.crt
                  - host: %s
                    insecure: true
                """.formatted(NODE.registry(), NODE.plainRegistry()));
        String staged = NODE.directory() + "/staged";

        String script =
                NODE.farrier("plan", "--explain", "--stage", staged).exited(2).out();
        assertThat(script).contains("systemctl reload 'docker' || kill -HUP").doesNotContain("BEGIN CERTIFICATE");
        NODE.exec("sh", Files.writeString(Path.of(staged + ".sh"), script).toString())
                .succeeded();

        NODE.docker("pull", NODE.registry() + "/" + PAUSE).succeeded();
        assertThat(NODE.docker("info", "--format", "{{json .RegistryConfig.IndexConfigs}}")
                        .succeeded()
                        .out())
                .contains(NODE.plainRegistry());
        assertThat(NODE.farrier("plan").exited(0).out()).contains("Nothing to do");
        assertThat(Files.readString(NODE.file("/etc/docker/daemon.json")))
                .startsWith("{\n  \"max-concurrent-uploads\": 2,\n  \"insecure-registries\": [");
    }
}
