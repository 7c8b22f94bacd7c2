package io.farrier.rig;

import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.testing.PracticeNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What {@code farrier certs} makes serves a real docker-registry as it stands, and a real dockerd takes it. */
class CertsIT {
    private static final String MADE = "/etc/farrier/pki";

    @RegisterExtension
    static final PracticeNode NODE = PracticeNode.named("certs").seeded(PAUSE);

    @Test
    void dockerRefusesTheTwoLinesOfTheWikiAndPullsWithOurs() throws IOException {
        String image = NODE.registry() + "/" + PAUSE;
        String name = NODE.registry().replaceAll(":.*", "");

        // A common name and no names: trusted or not, Go takes no such certificate.
        NODE.exec(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "rsa:2048",
                        "-nodes",
                        "-days",
                        "365",
                        "-subj",
                        "/CN=" + name,
                        "-keyout",
                        NODE.directory() + "/certs/registry.key",
                        "-out",
                        NODE.directory() + "/certs/registry.crt")
                .succeeded();
        restartRegistry();
        keep(NODE.directory().resolve("certs/registry.crt"));
        assertThat(NODE.docker("pull", image).exited(1).err()).contains("legacy Common Name field, use SANs instead");
        assertThat(NODE.farrier("certs", "show", NODE.registry()).exited(3).out())
                .contains(
                        "1  CN=" + name, "legacy Common Name field, use SANs instead", "'farrier certs issue NAME...'");

        NODE.farrier("certs", "ca", "--dir", MADE).succeeded();
        NODE.farrier("certs", "issue", "--ca", MADE, "--dir", MADE, NODE.registry(), NODE.address(), "fd00::5")
                .succeeded();
        for (String file : new String[] {"registry.crt", "registry.key"}) {
            Files.copy(
                    NODE.file(MADE).resolve(file),
                    NODE.directory().resolve("certs").resolve(file),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        restartRegistry();
        assertThat(NODE.docker("pull", image).exited(1).err())
                .contains("x509: certificate signed by unknown authority");

        keep(NODE.file(MADE).resolve("ca.crt"));
        NODE.docker("pull", image).succeeded();
        assertThat(NODE.farrier("certs", "show", NODE.registry()).succeeded().out())
                .contains(name + ", " + NODE.address() + ", fd00:0:0:0:0:0:0:5", "nothing is wrong with it");
        // The address of version 6 in openssl's eyes.
        NODE.exec(
                        "openssl",
                        "verify",
                        "-verify_ip",
                        "fd00::5",
                        "-purpose",
                        "sslserver",
                        "-CAfile",
                        MADE + "/ca.crt",
                        MADE + "/registry.crt")
                .succeeded();
    }

    private static void keep(Path ca) throws IOException {
        Path folder = Files.createDirectories(NODE.file("/etc/docker/certs.d").resolve(NODE.registry()));
        Files.copy(ca, folder.resolve("ca.crt"), StandardCopyOption.REPLACE_EXISTING);
    }

    private static void restartRegistry() {
        NODE.stop("registry");
        NODE.start("registry");
    }
}
