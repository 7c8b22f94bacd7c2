package io.farrier.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.FarrierConfig.Registry;
import io.farrier.image.Reference;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DropInsTest {
    @TempDir
    private Path root;

    @Test
    void registriesOfOneHostBecomeOne() throws Exception {
        FarrierConfig config = folder().writeFixture("certs/ca.crt", "ca.crt")
                .write("secrets/robot", "x")
                .write("farrier.d/20-security.yaml", "registries: [{host: a.example, ca: certs/ca.crt}]")
                .write("farrier.d/10-site.yaml", """
                        registries:
                          - host: b.example
                          - host: a.example
                            auth: {username: robot, password_file: secrets/robot}
                        """)
                .load("registries: [{host: a.example}]")
                .config();

        assertThat(config.registries())
                .extracting(registry -> registry.host().value())
                .containsExactly("a.example", "b.example");
        Registry registry = config.registries().get(0);
        assertThat(registry.ca()).isPresent();
        assertThat(registry.auth()).isPresent();
    }

    @Test
    void mirrorsLabelsAndImagesOfAllFilesAreJoined() throws Exception {
        FarrierConfig config =
                folder().write("farrier.d/10.yaml", """
                        node: {labels: {site: north}}
                        mirrors: {quay.io: {endpoints: ["https://b.example"]}}
                        images: {keep: [busybox, "alpine:3.20"]}
                        """).load("""
                        node: {labels: {cluster: demo}}
                        mirrors: {docker.io: {endpoints: ["https://a.example"]}}
                        images: {keep: ["docker.io/library/busybox:latest"]}
                        """).config();

        assertThat(config.node().labels()).containsOnlyKeys("cluster", "site");
        assertThat(config.mirrors()).containsOnlyKeys("docker.io", "quay.io");
        assertThat(config.images().keep()).containsExactly(Reference.parse("busybox"), Reference.parse("alpine:3.20"));
    }

    @Test
    void filesThatDisagreeAreBothNamed() {
        folder().write("farrier.d/10.yaml", """
                        # the site's
                        mode: keep
                        mirrors: {docker.io: {endpoints: ["https://b.example"]}}
                        images: {parallel: 3}
                        """);

        assertThat(folder().problems("""
                        mode: observe
                        images: {parallel: 3}
                        mirrors:
                          docker.io:
                            endpoints: ["https://a.example"]
                        """))
                .containsExactly(
                        "farrier.d/10.yaml:2: Configuration property 'mode' is already said otherwise in"
                                + " farrier.yaml:1; say it in one file",
                        "farrier.d/10.yaml:3: Configuration property 'mirrors[docker.io].endpoints' is already said"
                                + " otherwise in farrier.yaml:5; say it in one file");
    }

    @Test
    void mistakesOfAllFilesComeInOneReport() {
        folder().write("farrier.d/10.yaml", "mode: [\n").write("farrier.d/20.yaml", "- a\n");
        folder().write("farrier.d/30.yaml", "images: {keep: ['rancher/UPPER']}");

        assertThat(folder().problems("nodes: 1"))
                .containsExactly(
                        "farrier.d/10.yaml:2: is not YAML at column 1: while parsing a flow node:"
                                + " expected the node content, but found '<stream end>'",
                        "farrier.d/20.yaml:1: expected 'property: value' lines, but the file is a list",
                        "farrier.d/30.yaml:1: Configuration property 'images.keep[0]' is wrong:"
                                + " invalid reference format: repository name must be lowercase",
                        "farrier.yaml:1: Configuration property 'nodes' is not known. Did you mean 'node'?");
    }

    @Test
    void hiddenFilesAndOtherNamesDoNotCount() throws Exception {
        Loaded<FarrierConfig> loaded = folder().write("farrier.d/.10.yaml.swp", "x")
                .write("farrier.d/.20.yaml", "x")
                .write("farrier.d/README", "x")
                .load("mode: keep");

        assertThat(loaded.config().mode()).isEqualTo(Mode.KEEP);
    }

    @Test
    void pathsBeginAtTheMainFileInDropInsToo() throws Exception {
        Loaded<FarrierConfig> loaded = folder().writeFixture("certs/ca.crt", "ca.crt")
                .write("farrier.d/10.yaml", "registries: [{host: a.example, ca: certs/ca.crt}]")
                .load("");

        assertThat(loaded.files())
                .isEqualTo(List.of(
                        folder().real("farrier.yaml"),
                        folder().real("farrier.d"),
                        folder().real("farrier.d/10.yaml"),
                        folder().real("certs/ca.crt")));
    }

    private ConfigFolder folder() {
        return new ConfigFolder(root);
    }
}
