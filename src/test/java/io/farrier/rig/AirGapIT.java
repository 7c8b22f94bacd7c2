package io.farrier.rig;

import static io.farrier.testing.PracticeNode.CIS_OPERATOR;
import static io.farrier.testing.PracticeNode.KUBECTL;
import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.luben.zstd.Zstd;
import io.farrier.testing.CriPod;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.PracticeNode.Result;
import io.farrier.testing.RunningFarrier;
import io.farrier.testing.TinyImage;
import io.farrier.transport.Http;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A list of images on its way to a node without a registry: mirrored, asked for, pinned, saved, loaded. */
@TestMethodOrder(OrderAnnotation.class)
final class AirGapIT {
    @RegisterExtension
    static final PracticeNode NODE =
            PracticeNode.named("air-gap").runtime("docker+containerd").seeded(PAUSE, KUBECTL);

    private static final String ARCHIVE = "/var/lib/farrier/air.tar";

    @BeforeAll
    static void configure() {
        NODE.configure("""
                registries:
                  - {host: "%s", ca: certs/registry-ca.crt}
                  - {host: "%s", insecure: true}
                images:
                  system_default_registry: "%s"
                  keep: ["%s", "%s"]
                """.formatted(NODE.registry(), NODE.plainRegistry(), NODE.registry(), PAUSE, KUBECTL));
    }

    @Test
    @Order(1)
    void mirrorsOnceAndSendsNothingTheSecondTime() throws IOException {
        JsonNode first = json(NODE.farrier("images", "mirror", "--to", NODE.plainRegistry(), "-o", "json")
                .succeeded());
        assertThat(first.findValuesAsText("state")).containsOnly("copied");
        assertThat(first.path("bytes_sent").asLong())
                .as("two images of two parts of 4 MiB, and busybox once")
                .isBetween(16_000_000L, 24_000_000L);

        JsonNode second = json(NODE.farrier("images", "mirror", "--to", NODE.plainRegistry(), "-o", "json")
                .succeeded());
        assertThat(second.findValuesAsText("state")).containsOnly("there");
        assertThat(second.path("bytes_sent").asLong()).isZero();

        assertThat(digestIn(NODE.plainRegistry(), PAUSE)).isEqualTo(digestIn(NODE.registry(), PAUSE));
    }

    @Test
    @Order(2)
    void namesExactlyTheImageThatTheRegistryLacks() throws IOException {
        Path list = Files.writeString(NODE.directory().resolve("list.txt"), PAUSE + "\n" + CIS_OPERATOR + "\n");

        Result result = NODE.farrier("images", "check", list.toString()).exited(3);

        assertThat(result.out())
                .contains("missing  " + NODE.registry() + "/" + CIS_OPERATOR, "1 of 2 images can be pulled")
                .doesNotContain("missing  " + NODE.registry() + "/" + PAUSE);
    }

    @Test
    @Order(3)
    void aTagThatLeadsElsewhereThanTheLockSaysIsReported() throws IOException {
        NODE.farrier("images", "check", "--update-lock").succeeded();
        assertThat(NODE.file("/etc/farrier/images.lock"))
                .content()
                .contains(NODE.registry() + "/" + PAUSE + "@" + digestIn(NODE.registry(), PAUSE));
        String before = digestIn(NODE.registry(), KUBECTL);
        repoint(KUBECTL, PAUSE);

        Result result = NODE.farrier("images", "check").exited(3);

        assertThat(result.out()).contains("repointed  " + NODE.registry() + "/" + KUBECTL, before);
        NODE.seed(KUBECTL);
        NODE.farrier("images", "check").succeeded();
    }

    @Test
    @Order(4)
    void savesOneArchiveThatEverybodyReads() throws IOException {
        NODE.farrier("images", "save", "--to", ARCHIVE).succeeded();
        byte[] first = Files.readAllBytes(NODE.file(ARCHIVE));
        NODE.farrier("images", "save", "--to", ARCHIVE).succeeded();
        assertThat(Files.readAllBytes(NODE.file(ARCHIVE))).isEqualTo(first);

        String pause = NODE.registry() + "/" + PAUSE;
        assertThat(NODE.docker("load", "-i", ARCHIVE).succeeded().out()).contains("Loaded image: " + pause);
        NODE.docker("rmi", pause, NODE.registry() + "/" + KUBECTL).succeeded();
        NODE.exec("ctr", "-n", "practice", "images", "import", ARCHIVE).succeeded();
        assertThat(NODE.exec("ctr", "-n", "practice", "images", "ls", "-q").out())
                .contains(pause);
        // Not oci-archive: these images have manifests of Docker's type, and skopeo wants OCI's there.
        NODE.exec(
                        "skopeo",
                        "--insecure-policy",
                        "copy",
                        "docker-archive:" + ARCHIVE + ":" + pause,
                        "dir:/tmp/pause-dir")
                .succeeded();
    }

    @Test
    @Order(5)
    void loadsItIntoDockerWithTheRegistryOff() {
        NODE.stop("registry");

        Result loaded = NODE.farrier("images", "load", ARCHIVE).succeeded();

        assertThat(loaded.out()).contains("2 images loaded");
        NODE.farrier("images", "list").succeeded();
    }

    @Test
    @Order(6)
    void loadsItIntoContainerdAndAPodRunsOfIt() throws Exception {
        NODE.configure("""
                node: {distribution: containerd}
                images:
                  system_default_registry: "%s"
                  keep: ["%s", "%s"]
                """.formatted(NODE.registry(), PAUSE, KUBECTL));

        NODE.farrier("images", "load", ARCHIVE).succeeded();

        NODE.farrier("images", "list").succeeded();
        Vertx vertx = Vertx.vertx();
        try (Http http = new Http(vertx);
                CriPod pod = new CriPod(http, NODE.containerdSocket(), NODE.cgroup(), "default", "offline")) {
            String id = pod.run("c", 0, NODE.registry() + "/" + KUBECTL, 0, "exit 0");
            assertThat(id).isNotEmpty();
        } finally {
            vertx.close();
        }
    }

    @Test
    @Order(7)
    void takesFromTheShelfWhatNoRegistryGivesAndOnlyIfNobodyElseCanHaveWrittenIt() throws IOException {
        NODE.exec("ctr", "-n", "k8s.io", "images", "rm", NODE.registry() + "/" + KUBECTL)
                .succeeded();
        Path shelf = NODE.file("/var/lib/farrier/images");
        Files.createDirectories(
                shelf, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path copy = Files.copy(NODE.file(ARCHIVE), shelf.resolve("air.tar"));
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-rw-rw-"));

        assertThat(NODE.farrier("images", "pull").exited(3).out()).contains("/var/lib/farrier/images/air.tar");

        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-------"));
        NODE.farrier("images", "pull").succeeded();
    }

    @Test
    @Order(8)
    void putsItWhereK3sImportsFromUnderItsNameAtOnce() throws IOException {
        Path folder = NODE.directory().resolve("agent-images");

        NODE.farrier("images", "load", "--into", folder.toString(), ARCHIVE).succeeded();

        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve("air.tar"));
        }
        NODE.exec(
                        "ctr",
                        "-n",
                        "k3s",
                        "images",
                        "import",
                        folder.resolve("air.tar").toString())
                .succeeded();
    }

    @Test
    @Order(9)
    void takesWhatIsPackedWithZstdAsK3sPublishesIt() throws IOException {
        Files.write(NODE.directory().resolve("k3s.tar.zst"), Zstd.compress(Files.readAllBytes(NODE.file(ARCHIVE))));
        Path folder = NODE.directory().resolve("agent-images");

        NODE.farrier(
                        "images",
                        "load",
                        "--into",
                        folder.toString(),
                        NODE.directory().resolve("k3s.tar.zst").toString())
                .succeeded();

        assertThat(folder.resolve("k3s.tar")).hasSameBinaryContentAs(folder.resolve("air.tar"));
    }

    /** Two layers of 12 MB, then one of 64 MB, by a process whose whole heap has 40 MB. */
    @Test
    @Order(10)
    void aMirrorThatWasKilledGoesOnAndNeedsNoMemoryForALayer() throws Exception {
        NODE.start("registry");
        configure();
        TinyImage image = TinyImage.ofSizes(NODE.registry() + "/big/app:1", 7, 12 << 20, 12 << 20, 64 << 20);
        NODE.publish(image);
        Path list = Files.writeString(NODE.directory().resolve("big.txt"), "big/app:1\n");
        String[] mirror = {"images", "mirror", "--to", NODE.plainRegistry(), "-o", "json", list.toString()};

        try (RunningFarrier first = NODE.startFarrier(mirror)) {
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> largestUpload() > (16 << 20) || !first.isAlive());
            assertThat(first.isAlive())
                    .as("it was killed in the middle of its last layer")
                    .isTrue();
            first.kill();
        }
        assertThat(NODE.exec(
                                "skopeo",
                                "inspect",
                                "--tls-verify=false",
                                "docker://" + NODE.plainRegistry() + "/big/app:1")
                        .exit())
                .as("there is no half image")
                .isNotZero();

        JsonNode second = json(NODE.farrierWith(List.of("-Xmx40m", "-XX:MaxDirectMemorySize=32m"), mirror)
                .succeeded());

        assertThat(second.findValuesAsText("state")).containsExactly("copied");
        long sent = second.path("bytes_sent").asLong();
        System.out.println("mirror after kill -9: " + sent + " of " + (88 << 20) + " bytes sent again");
        // Docker's registry (distribution 2.8) gives up an upload whose end it has not seen: the third begins anew.
        assertThat(sent).as("the two layers that were there are skipped").isLessThan((64 << 20) + 1_000_000L);
        assertThat(digestIn(NODE.plainRegistry(), "big/app:1")).isEqualTo(digestIn(NODE.registry(), "big/app:1"));
        assertThat(NODE.file("/var/lib/farrier/mirror.sessions")).content().isEmpty();
    }

    /** What the target has of the upload that has come farthest. */
    private static long largestUpload() throws IOException {
        Path uploads = NODE.directory().resolve("plain/docker/registry/v2/repositories/big/app/_uploads");
        if (!Files.exists(uploads)) {
            return 0;
        }
        try (Stream<Path> all = Files.list(uploads)) {
            return all.mapToLong(upload -> upload.resolve("data").toFile().length())
                    .max()
                    .orElse(0);
        }
    }

    private static void repoint(String tag, String to) {
        NODE.exec(
                        "skopeo",
                        "--insecure-policy",
                        "copy",
                        "--src-tls-verify=false",
                        "--dest-tls-verify=false",
                        "docker://" + NODE.registry() + "/" + to,
                        "docker://" + NODE.registry() + "/" + tag)
                .succeeded();
    }

    private static String digestIn(String registry, String image) {
        return NODE.exec(
                        "skopeo",
                        "inspect",
                        "--tls-verify=false",
                        "--format",
                        "{{.Digest}}",
                        "docker://" + registry + "/" + image)
                .succeeded()
                .out()
                .strip();
    }

    private static JsonNode json(Result result) throws IOException {
        return new ObjectMapper().readTree(result.out());
    }
}
