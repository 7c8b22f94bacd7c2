package io.farrier.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** conf/farrier.yaml and conf/collector.yaml, which the package installs. */
class ShippedConfigTest {
    @TempDir
    private Path root;

    /** SAFETY 1: fresh from the package, farrier changes nothing. */
    @Test
    void asItIsFarrierOnlyObserves() throws Exception {
        Loaded<FarrierConfig> loaded = folder().load(Files.readString(Path.of("conf/farrier.yaml")));

        assertThat(loaded.config()).isEqualTo(new ConfigFolder(root).load("").config());
        assertThat(loaded.config().mode()).isEqualTo(Mode.OBSERVE);
        assertThat(loaded.warnings()).isEmpty();
    }

    @Test
    void asItIsTheCollectorListens() throws Exception {
        Loaded<CollectorConfig> loaded = folder().loadCollector(Files.readString(Path.of("conf/collector.yaml")));

        assertThat(loaded.config()).isEqualTo(folder().loadCollector("").config());
    }

    @Test
    void everyExampleInTheCommentsIsRight() throws Exception {
        ConfigFolder folder = folder().writeFixture("certs/registry-ca.crt", "ca.crt")
                .writeFixture("certs/collector-ca.crt", "other-ca.crt")
                .writeFixture("certs/members-ca.crt", "ca.crt")
                .writeFixture("certs/client.cert", "client.cert")
                .writeFixture("certs/client.key", "client.key")
                .writeFixture("certs/collector.crt", "ec.cert")
                .writeFixture("certs/collector.key", "ec.key")
                .write("labels", "zone=a\n")
                .write("secrets/robot", "x")
                .write("secrets/token", "x")
                .write("images.d/rancher-images.txt", "rancher/kubectl:v1.26.3\n");

        FarrierConfig config = folder.load(uncommented("farrier.yaml")).config();
        assertThat(config.registries()).hasSize(2);
        assertThat(config.node().restartSlot().orElseThrow().members()).hasSize(2);
        assertThat(config.images().keep()).hasSize(2);
        assertThat(config.collector()).isPresent();
        assertThat(folder.loadCollector(uncommented("collector.yaml")).config().tls())
                .isPresent();
    }

    /** The file with its examples switched on: they are the comments without a space behind the {@code #}. */
    static String uncommented(String name) {
        try {
            return Files.readString(Path.of("conf", name))
                    .replaceAll("(?m)^#(?=[a-z ] *[a-z_\"-])(?! [A-Za-z0-9])", "");
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private ConfigFolder folder() {
        return new ConfigFolder(root);
    }
}
