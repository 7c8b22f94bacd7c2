package io.farrier.rig;

import static io.farrier.testing.PracticeNode.KUBECTL;
import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.testing.PracticeNode;
import io.farrier.testing.PracticeNode.Result;
import io.farrier.testing.TinyImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Disks that fill in the middle of a transfer: nothing half is left, the reason is named, and a larger disk mends it. */
final class ImagesOnFullDisksIT {
    @RegisterExtension
    static final PracticeNode NODE =
            PracticeNode.named("full-disk").runtime("docker+containerd").seeded(PAUSE, KUBECTL);

    /** A hundredth of that while it travels: no look at its size beforehand can tell. */
    private static final int UNPACKED = 48 << 20;

    private static final String SWOLLEN = "full/swollen:1";
    private static final Path ARCHIVE = Path.of("/var/lib/farrier/full.tar");

    private Path full = Path.of("/");
    private String daemon = "";

    @BeforeAll
    static void publish() throws IOException {
        NODE.publish(TinyImage.of(NODE.registry() + "/" + SWOLLEN, "z".repeat(UNPACKED)));
        configure("docker");
        NODE.farrier("apply").succeeded();
        configure("containerd");
        NODE.farrier("apply").succeeded();
        NODE.farrier("images", "save", "--to", ARCHIVE.toString()).succeeded();
    }

    @AfterEach
    void giveBack() {
        stop();
        NODE.exec("umount", "-l", full.toString()).succeeded();
        start();
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "containerd"})
    void whatUnpacksBeyondTheDiskIsNotThereAndStopsNothingElse(String runtime) {
        configure(runtime);
        imagesOn(runtime, 40);

        assertThat(NODE.farrier("images", "pull").exited(3).out())
                .containsPattern("(?s)" + SWOLLEN + ".*no space left on device");
        assertThat(images(runtime)).contains(PAUSE).doesNotContain("full/swollen");

        grow();
        NODE.farrier("images", "pull").succeeded();
        assertThat(images(runtime)).contains(PAUSE, "full/swollen");
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "containerd"})
    void anArchiveThatUnpacksBeyondTheDiskLeavesNoHalfImage(String runtime) {
        configure(runtime);
        // Only Docker unpacks what it imports.
        imagesOn(runtime, runtime.equals("docker") ? 40 : 6);

        Result loaded = NODE.farrier("images", "load", ARCHIVE.toString()).exited(1);
        assertThat(loaded.err()).contains("no space left on device");
        assertThat(images(runtime)).doesNotContain("full/swollen");
        assertThat(loaded.err()).as("nothing but what went wrong").hasLineCount(1);

        grow();
        NODE.farrier("images", "load", ARCHIVE.toString()).succeeded();
        assertThat(images(runtime)).contains(PAUSE, "full/swollen");
    }

    @Test
    void savingGoesOnWhereTheDiskWasFull() throws IOException {
        configure("docker");
        fill(Files.createDirectories(NODE.directory().resolve("small")), 6);
        Path target = full.resolve("air.tar");

        assertThat(NODE.farrier("images", "save", "--to", target.toString())
                        .exited(1)
                        .err())
                .isEqualTo(
                        "Tried to write " + target + ".partial: No space left on device. What has arrived is kept in "
                                + target + ".partial; the same command goes on from there.\n");
        assertThat(names(full)).containsExactly("air.tar.partial");

        grow();
        NODE.farrier("images", "save", "--to", target.toString()).succeeded();
        assertThat(names(full)).containsExactly("air.tar");
        assertThat(NODE.exec("cmp", target.toString(), ARCHIVE.toString()).exit())
                .isZero();
    }

    /** What is written for k3s comes from this node's own archive: a rest of it would only keep the disk full. */
    @Test
    void whatK3sShouldImportIsThereWholeOrNotAtAll() throws IOException {
        configure("docker");
        fill(Files.createDirectories(NODE.directory().resolve("agent-images")), 6);

        assertThat(NODE.farrier("images", "load", "--into", full.toString(), ARCHIVE.toString())
                        .exited(1)
                        .err())
                .contains("No space left on device");
        assertThat(names(full)).isEmpty();

        grow();
        NODE.farrier("images", "load", "--into", full.toString(), ARCHIVE.toString())
                .succeeded();
        assertThat(names(full)).containsExactly("full.tar");
    }

    @Test
    void aRegistryWhoseDiskIsFullIsNamed() {
        configure("docker");
        fill(NODE.directory().resolve("plain"), 3);

        assertThat(NODE.farrier("images", "mirror", "--to", NODE.plainRegistry())
                        .exited(3)
                        .out())
                .contains("failed  ", "no space left on device: its own disk is full");

        grow();
        NODE.farrier("images", "mirror", "--to", NODE.plainRegistry()).succeeded();
    }

    // ---- the disks

    private void imagesOn(String runtime, int megabytes) {
        daemon = runtime.equals("docker") ? "dockerd" : "containerd";
        stop();
        fill(NODE.directory().resolve(runtime.equals("docker") ? "data" : "containerd"), megabytes);
        start();
    }

    private void fill(Path folder, int megabytes) {
        NODE.exec("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", folder.toString())
                .succeeded();
        full = folder;
    }

    private void grow() {
        NODE.exec("mount", "-o", "remount,size=512m", full.toString()).succeeded();
    }

    private void stop() {
        if (!daemon.isEmpty()) {
            NODE.stop(daemon);
        }
    }

    private void start() {
        if (!daemon.isEmpty()) {
            NODE.start(daemon);
        }
    }

    // ---- what is there

    private static void configure(String distribution) {
        NODE.configure(
                """
                node: {distribution: %s}
                registries:
                  - {host: "%s", ca: certs/registry-ca.crt}
                  - {host: "%s", insecure: true}
                images:
                  system_default_registry: "%s"
                  keep: ["%s", "%s"]
                """.formatted(distribution, NODE.registry(), NODE.plainRegistry(), NODE.registry(), PAUSE, SWOLLEN));
    }

    private static String images(String runtime) {
        return runtime.equals("docker")
                ? NODE.docker("image", "ls", "-a", "--format", "{{.Repository}}:{{.Tag}}")
                        .succeeded()
                        .out()
                : NODE.exec("ctr", "-n", "k8s.io", "images", "ls", "-q")
                        .succeeded()
                        .out();
    }

    /** As the node sees it: the mount is in its namespace alone. */
    private static Stream<String> names(Path folder) {
        return NODE.exec("ls", "-A", folder.toString()).succeeded().out().lines();
    }
}
