package io.farrier.rig;

import static io.farrier.testing.PracticeNode.KUBECTL;
import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.RunningFarrier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Whoever removes the wanted images finds them back, time and again: {@code docker system prune -af} and {@code ctr images
 * rm} in a loop under a running agent. {@code -Dfarrier.kept.seconds=60} is the long form.
 */
final class ImagesKeptIT {
    @RegisterExtension
    static final PracticeNode NODE =
            PracticeNode.named("images-kept").runtime("docker+containerd").seeded(PAUSE, KUBECTL);

    private static final Duration LOOP = Duration.ofSeconds(Integer.getInteger("farrier.kept.seconds", 5));
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final List<String> WANTED =
            List.of("registry.practice:5000/" + PAUSE, "registry.practice:5000/" + KUBECTL);

    @BeforeAll
    static void trustForContainerd() throws IOException {
        Path folder =
                Files.createDirectories(NODE.file("/etc/containerd/certs.d").resolve(NODE.registry()));
        Files.copy(NODE.registryCa(), folder.resolve("ca.crt"));
        Files.writeString(
                folder.resolve("hosts.toml"),
                "server = \"https://" + NODE.registry() + "\"\nca = \"/etc/containerd/certs.d/" + NODE.registry()
                        + "/ca.crt\"\n");
    }

    @Test
    void dockerSystemPrune() {
        configure("docker");
        try (RunningFarrier agent = NODE.startFarrier("agent")) {
            awaitAll("docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}");
            await("the pause image is held")
                    .atMost(DEADLINE)
                    .until(() -> !NODE.docker("ps", "-aq", "--filter", "label=io.farrier.hold")
                            .out()
                            .isEmpty());
            loop(
                    List.of("docker", "system", "prune", "-af"),
                    "docker",
                    "image",
                    "ls",
                    "--format",
                    "{{.Repository}}:{{.Tag}}");
        }
    }

    @Test
    void ctrImagesRm() {
        configure("containerd");
        try (RunningFarrier agent = NODE.startFarrier("agent")) {
            awaitAll("ctr", "-n", "k8s.io", "images", "ls", "-q");
            awaitAll("ctr", "-n", "k8s.io", "images", "ls", "labels.\"io.cri-containerd.pinned\"==pinned");
            loop(
                    List.of("ctr", "-n", "k8s.io", "images", "rm", "--sync", WANTED.get(0), WANTED.get(1)),
                    "ctr",
                    "-n",
                    "k8s.io",
                    "images",
                    "ls",
                    "-q");
        }
    }

    /** SAFETY 17, on a file system of 256 MiB: the pause image comes, the other waits, and who removes it is not fought. */
    @Test
    void aFullImageFileSystem() throws IOException {
        configure("docker", 2);
        Path data = NODE.directory().resolve("data");
        NODE.stop("dockerd");
        NODE.exec("mount", "-t", "tmpfs", "-o", "size=256m", "tmpfs", data.toString())
                .succeeded();
        NODE.start("dockerd");
        NODE.exec("sh", "-c", "head -c 180000000 /dev/zero >" + data + "/filler")
                .succeeded();
        try (RunningFarrier agent = NODE.startFarrier("agent")) {
            awaitFinding("It waits for space on the image file system (" + data + ")", "to download need about");
            assertThat(images()).contains(WANTED.get(0)).doesNotContain(WANTED.get(1));
            NODE.docker("rm", "-f", NODE.docker("ps", "-aq").out().strip());
            NODE.docker("rmi", "-f", WANTED.get(0)).succeeded();
            await("the pause image is back although the disk is as full as before")
                    .atMost(DEADLINE)
                    .until(() -> images().contains(WANTED.get(0)));

            NODE.exec("rm", data + "/filler").succeeded();
            await("what waited comes as soon as there is space")
                    .atMost(DEADLINE)
                    .until(() -> images().contains(WANTED.get(1)));
            for (int removal = 1; removal <= 2; removal++) {
                NODE.docker("rmi", WANTED.get(1)).succeeded();
                await("it is back, removal " + removal).atMost(DEADLINE).until(() -> images().contains(WANTED.get(1)));
            }
            NODE.docker("rmi", WANTED.get(1)).succeeded();

            awaitFinding("It was removed 2 times within an hour", "Who removes it");
            assertThat(images()).doesNotContain(WANTED.get(1));
        } finally {
            NODE.stop("dockerd");
            NODE.exec("umount", "-l", data.toString());
            NODE.start("dockerd");
        }
    }

    private static String images() {
        return NODE.docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}")
                .out();
    }

    /** One finding about the image that is missing, and it says why. */
    private static void awaitFinding(String... words) {
        await().atMost(DEADLINE).untilAsserted(() -> {
            List<String> details = new ArrayList<>();
            new ObjectMapper()
                    .readTree(NODE.farrier("status", "-o", "json").out())
                    .path("findings")
                    .forEach(finding -> {
                        if (finding.path("code").asText().equals("image.missing")) {
                            details.add(finding.toString());
                        }
                    });
            assertThat(details).singleElement().asString().contains(words).contains(WANTED.get(1));
        });
    }

    private static void configure(String distribution) {
        configure(distribution, 10_000);
    }

    private static void configure(String distribution, int returns) {
        NODE.configure("""
                mode: keep
                node: {distribution: %s}
                registries: [{host: "%s", ca: certs/registry-ca.crt}]
                intervals: {images: 2s, health: 1s}
                images:
                  keep: ["%s", "%s"]
                  returns: %d
                """.formatted(distribution, NODE.registry(), WANTED.get(0), WANTED.get(1), returns));
    }

    /** Each removal is followed by the next as soon as all are back. */
    private static void loop(List<String> removal, String... list) {
        long end = System.nanoTime() + LOOP.toNanos();
        int removals = 0;
        while (System.nanoTime() < end || removals == 0) {
            NODE.exec(removal.toArray(String[]::new));
            removals++;
            awaitAll(list);
        }
        System.out.println(String.join(" ", removal) + ": " + removals + " times, and all were back each time");
    }

    private static void awaitAll(String... list) {
        try {
            await().atMost(DEADLINE)
                    .untilAsserted(() -> assertThat(NODE.exec(list).out()).contains(WANTED));
        } catch (ConditionTimeoutException late) {
            throw new AssertionError("farrier says: " + NODE.farrier("status").out(), late);
        }
    }
}
