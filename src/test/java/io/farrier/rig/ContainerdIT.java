package io.farrier.rig;

import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.farrier.testing.CriPod;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.RunningFarrier;
import io.farrier.testing.TestCollector;
import io.farrier.transport.Http;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A node without Docker, with a pod as a kubelet makes it: nothing in farrier takes Docker for granted. */
final class ContainerdIT {
    private static final long MEMORY = 64 << 20;

    @RegisterExtension
    static final PracticeNode NODE =
            PracticeNode.named("containerd").runtime("containerd").seeded(PAUSE);

    private static final Vertx VERTX = Vertx.vertx();
    private static final Http HTTP = new Http(VERTX);
    private static CriPod pod;

    @BeforeAll
    static void runAPod() throws IOException {
        Path folder = NODE.file("/etc/containerd/certs.d").resolve(NODE.registry());
        Files.createDirectories(folder);
        Files.copy(NODE.registryCa(), folder.resolve("ca.crt"));
        NODE.configure("mode: keep\n" + wanted());
        NODE.farrier("images", "pull").succeeded();
        pod = new CriPod(HTTP, NODE.containerdSocket(), NODE.cgroup(), "kube-system", "etcd-containerd");
        pod.run("etcd", 0, image(), MEMORY, "i=0; while :; do i=$((i+1)); echo etcd says line $i; sleep 0.2; done");
    }

    @AfterAll
    static void stop() throws IOException {
        pod.close();
        HTTP.close();
        VERTX.close();
    }

    @Test
    void statusImagesAndDoctorLookAtContainerd() {
        NODE.configure("mode: keep\n" + wanted());

        assertThat(NODE.farrier("status").exited(0).out())
                .containsPattern("runtime +containerd")
                .containsPattern("containers +1 of 1 running")
                .contains("1 of 1 wanted ones are here");
        assertThat(NODE.farrier("images", "list").exited(0).out()).contains("present  " + image());
        assertThat(NODE.farrier("images", "list", "--all").exited(0).out()).contains(image(), "MiB");
        assertThat(NODE.farrier("doctor").exited(0).out()).contains("All checks are fine.");
    }

    @Test
    void itsContainersAndTheirLinesReachTheCollector() {
        try (TestCollector collector = TestCollector.beside(NODE)) {
            NODE.configure("mode: keep\n" + wanted() + collector.section());
            try (RunningFarrier agent = NODE.startFarrier("agent")) {
                JsonNode containers = collector.awaitApi(
                        "/api/containers?node=containerd",
                        seen -> seen.path("containers").size() == 1);
                JsonNode etcd = containers.path("containers").get(0);
                assertThat(etcd.path("name").asText()).isEqualTo("etcd");
                assertThat(etcd.path("pod").asText()).isEqualTo("kube-system/etcd-containerd");
                assertThat(etcd.path("state").asText()).isEqualTo("running");
                collector.awaitApi(
                        "/api/logs?node=containerd&q=etcd+says+line&limit=5",
                        seen -> !seen.path("lines").isEmpty());
                assertThat(agent.isAlive()).isTrue();
            }
        }
    }

    /** Until farrier keeps hosts.toml and registries.yaml: what it does not do it says. */
    @Test
    void registriesThatItDoesNotKeepThereAreRefusedWithASentence() {
        NODE.configure("mode: keep\nregistries:\n  - {host: \"" + NODE.registry() + "\", ca: certs/registry-ca.crt}\n");

        assertThat(NODE.farrier("plan").exited(4).out())
                .contains("this version does not keep the registries of containerd nodes");
    }

    private static String wanted() {
        return "images: {keep: [\"" + image() + "\"]}\n";
    }

    private static String image() {
        return NODE.registry() + "/" + PAUSE;
    }
}
