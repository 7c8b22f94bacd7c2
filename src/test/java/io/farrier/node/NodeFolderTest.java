package io.farrier.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.node.NodeFiles.Entry;
import io.farrier.node.NodeFiles.Kind;
import io.farrier.plan.FileState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NodeFolderTest {
    private static final Path CERTS = Path.of("/etc/docker/certs.d");

    @TempDir
    Path outside;

    private Path root;
    private NodeFiles files;

    @BeforeEach
    void prepare() throws IOException {
        root = Files.createDirectory(outside.resolve("root"));
        files = NodeFiles.below(root);
        Files.createDirectories(root.resolve("etc/docker/certs.d/registry"));
        Files.writeString(root.resolve("etc/docker/certs.d/registry/ca.crt"), "a CA");
    }

    @Test
    void readsWhatNodeFilesReads() throws IOException {
        NodeFolder folder = files.folder(CERTS).folder("registry");
        assertThat(folder.path()).isEqualTo(CERTS.resolve("registry"));
        assertThat(folder.list()).containsExactly(new Entry("ca.crt", Kind.FILE));
        assertThat(folder.read("ca.crt", 100)).isEqualTo(files.read(CERTS.resolve("registry/ca.crt"), 100));
        assertThat(folder.read("client.key", 100)).isEqualTo(FileState.ABSENT);
    }

    @Test
    void whatIsAbsentIsEmptyAllTheWayDown() throws IOException {
        NodeFolder absent = files.folder(CERTS).folder("other");
        assertThat(absent.exists()).isFalse();
        assertThat(absent.list()).isEmpty();
        assertThat(absent.read("ca.crt", 100)).isEqualTo(FileState.ABSENT);
        assertThat(absent.folder("deeper").list()).isEmpty();
    }

    @Test
    void linksOfEachStepStayInsideTheRoot() throws IOException {
        Path host = Files.createDirectory(outside.resolve("host"));
        Files.writeString(host.resolve("ca.crt"), "outside");
        Path inside = Files.createDirectories(root.resolve(host.toString().substring(1)));
        Files.writeString(inside.resolve("ca.crt"), "inside");
        Files.createSymbolicLink(root.resolve("etc/docker/certs.d/linked"), host);
        Files.createSymbolicLink(root.resolve("etc/docker/certs.d/registry/other.crt"), host.resolve("ca.crt"));
        Files.createSymbolicLink(root.resolve("etc/docker/certs.d/registry/up.crt"), Path.of("../linked/ca.crt"));
        FileState expected = FileState.of("inside".getBytes(StandardCharsets.UTF_8), 0644);
        NodeFolder certs = files.folder(CERTS);
        assertThat(certs.folder("linked").read("ca.crt", 100)).isEqualTo(expected);
        assertThat(certs.folder("registry").read("other.crt", 100)).isEqualTo(expected);
        assertThat(certs.folder("registry").read("up.crt", 100)).isEqualTo(expected);
        assertThat(certs.folder("linked").list()).containsExactly(new Entry("ca.crt", Kind.FILE));
    }

    @Test
    void noticesWhatOthersDoBetweenTwoReads() throws IOException {
        NodeFolder folder = files.folder(CERTS).folder("registry");
        FileState before = folder.read("ca.crt", 100);
        Files.writeString(root.resolve("etc/docker/certs.d/registry/ca.crt"), "b CA");
        Files.writeString(root.resolve("etc/docker/certs.d/registry/more.crt"), "");
        assertThat(folder.read("ca.crt", 100)).isNotEqualTo(before);
        assertThat(folder.list()).extracting(Entry::name).containsExactly("ca.crt", "more.crt");
    }

    @Test
    void niceErrorsOnWhatIsNoFileOrNoFolder() {
        assertThatThrownBy(() -> files.folder(CERTS).read("registry", 100))
                .hasMessage("Tried to read /etc/docker/certs.d/registry but it is not a regular file.");
        assertThatThrownBy(() ->
                        files.folder(CERTS).folder("registry").folder("ca.crt").list())
                .hasMessage("Tried to list /etc/docker/certs.d/registry/ca.crt but it is not a folder.");
    }
}
