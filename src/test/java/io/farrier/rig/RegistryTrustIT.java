package io.farrier.rig;

import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.testing.PracticeNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What farrier's main job rests on, by hand: a certificate in certs.d makes a registry trusted, and needs no restart. */
class RegistryTrustIT {

    @RegisterExtension
    final PracticeNode node = PracticeNode.named("trust").seeded(PAUSE);

    @Test
    void pullFailsUntilTheCertificateIsThereAndDockerdNeverRestarts() throws IOException {
        String image = node.registry() + "/" + PAUSE;
        int dockerd = node.pid("dockerd");

        assertThat(node.docker("pull", image).exited(1).err())
                .contains("x509: certificate signed by unknown authority");

        dropCertificate(node.registry());

        assertThat(node.docker("pull", image).succeeded().out()).contains("Downloaded newer image for " + image);
        assertThat(node.pid("dockerd")).isEqualTo(dockerd);
    }

    @Test
    void theNameOfTheFolderIsTheRegistryVerbatim() throws IOException {
        dropCertificate(node.registry().replaceAll(":.*", ""));

        assertThat(node.docker("pull", node.registry() + "/" + PAUSE).exited(1).err())
                .contains("x509: certificate signed by unknown authority");
    }

    private void dropCertificate(String host) throws IOException {
        Path folder = node.file("/etc/docker/certs.d").resolve(host);
        Files.createDirectories(folder);
        Files.copy(node.registryCa(), folder.resolve("ca.crt"));
    }
}
