package io.farrier.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SAFETY 37. */
class TrustedFilesTest {
    private static final int STRANGER = 4242;
    private static final Path FILE = Path.of("/etc/farrier/certs/ca.crt");

    @TempDir
    private Path root;

    private ConfigFolder folder;

    @BeforeEach
    void makeFolder() {
        folder = new ConfigFolder(root).write("certs/ca.crt", "x");
    }

    @Test
    void readsWhatOnlyItsOwnerCanWrite() throws Exception {
        assertThat(files().read(FILE, 10)).asString().isEqualTo("x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"certs/ca.crt", "certs", "../farrier", ".."})
    void refusesAStepThatTheGroupOrOthersCanWrite(String step) throws Exception {
        for (String permissions : new String[] {"rwxrwxr-x", "rwxr-xrwx"}) {
            Path path = folder.real(step).normalize();
            ConfigFolder.chmod(path, permissions);

            assertThatThrownBy(() -> files().read(FILE, 10))
                    .isInstanceOf(UntrustedPathException.class)
                    .hasMessageStartingWith(path + " is writable by others than its owner (mode 7")
                    .hasMessageEndingWith("Run 'chmod go-w " + path + "'.");
        }
    }

    @Test
    void refusesAStickyFolderToo() throws Exception {
        Files.setAttribute(folder.real("certs"), "unix:mode", 01777);

        assertThatThrownBy(() -> files().read(FILE, 10)).hasMessageContaining("(mode 1777)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"certs/ca.crt", "certs"})
    void refusesAStepThatBelongsToSomebodyElse(String step) throws Exception {
        assumeTrue(TrustedFiles.currentUser() == 0, "only root can give a file away");
        Files.setAttribute(folder.real(step), "unix:uid", STRANGER);

        assertThatThrownBy(() -> files().read(FILE, 10))
                .isInstanceOf(UntrustedPathException.class)
                .hasMessageStartingWith(folder.real(step) + " belongs to user 4242");
        assertThat(TrustedFiles.below(root, STRANGER).read(FILE, 10)).asString().isEqualTo("x");
    }

    @Test
    void linksResolveInsideTheRoot() throws Exception {
        folder.write("real/list.txt", "inside");
        Files.createDirectories(root.resolve("outside"));
        Files.createSymbolicLink(folder.real("absolute"), Path.of("/etc/farrier/real"));
        Files.createSymbolicLink(folder.real("relative"), Path.of("real/../real/list.txt"));
        Files.createSymbolicLink(folder.real("above"), Path.of("../../../../../../etc/farrier/real"));

        assertThat(files().locate(Path.of("/etc/farrier/absolute/list.txt"))).isEqualTo(folder.real("real/list.txt"));
        assertThat(files().read(Path.of("/etc/farrier/relative"), 10))
                .asString()
                .isEqualTo("inside");
        assertThat(files().locate(Path.of("/etc/farrier/above/list.txt"))).isEqualTo(folder.real("real/list.txt"));
        assertThat(files().locate(Path.of("/../../etc/farrier/real"))).isEqualTo(folder.real("real"));
    }

    @Test
    void aLinksTargetIsHeldToTheSameRule() throws Exception {
        folder.write("real/list.txt", "x");
        Files.createSymbolicLink(folder.real("link"), Path.of("/etc/farrier/real/list.txt"));
        ConfigFolder.chmod(folder.real("real"), "rwxrwxrwx");

        assertThatThrownBy(() -> files().read(Path.of("/etc/farrier/link"), 10))
                .isInstanceOf(UntrustedPathException.class)
                .hasMessageStartingWith(folder.real("real").toString());
    }

    @Test
    void aLoopOfLinksEnds() throws Exception {
        Files.createSymbolicLink(folder.real("a"), Path.of("b"));
        Files.createSymbolicLink(folder.real("b"), Path.of("a"));

        assertThatThrownBy(() -> files().locate(Path.of("/etc/farrier/a"))).hasMessageContaining("40 symbolic links");
    }

    @Test
    void onlyFilesOfABoundedSizeAreRead() throws Exception {
        assertThatThrownBy(() -> files().read(Path.of("/etc/farrier/certs"), 10))
                .hasMessageEndingWith("is not a file");
        assertThatThrownBy(() -> files().read(Path.of("/etc/farrier/absent"), 10))
                .isInstanceOf(NoSuchFileException.class);
        folder.write("large", "12345678901");
        assertThatThrownBy(() -> files().read(Path.of("/etc/farrier/large"), 10))
                .isInstanceOf(IOException.class)
                .hasMessageEndingWith("is larger than 10 bytes");
    }

    @Test
    void inACheckoutOwnershipIsNobodysBusiness() throws Exception {
        ConfigFolder.chmod(folder.real("certs"), "rwxrwxrwx");

        assertThat(TrustedFiles.ofAnyone(root).read(FILE, 10)).asString().isEqualTo("x");
    }

    @Test
    void aConfigurationThatOthersCanWriteIsRefusedByName() throws Exception {
        folder.write("farrier.yaml", "mode: keep");
        ConfigFolder.chmod(folder.real("farrier.yaml"), "rw-rw-rw-");

        assertThat(folder.problems())
                .containsExactly("farrier.yaml: cannot be read: farrier.yaml is writable by others than its owner"
                        + " (mode 666), who could change this node through it. Run 'chmod go-w farrier.yaml'.");
    }

    @Test
    void aFolderThatOthersCanWriteIsOneMistake() throws Exception {
        folder.write("farrier.yaml", "mode: keep");
        folder.write("farrier.d/site.yaml", "mode: keep");
        ConfigFolder.chmod(folder.real(""), "rwxrwxr-x");

        assertThat(folder.problems()).singleElement().asString().contains("writable by others", "(mode 775)");
    }

    private TrustedFiles files() {
        return folder.trustedFiles();
    }
}
