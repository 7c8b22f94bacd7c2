package io.farrier.rig;

import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.farrier.testing.PracticeNode;
import io.farrier.testing.RunningFarrier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A registry that is named by its IPv6 address, on a node that has no IPv4 one (SAFETY 22): what the real dockerd and
 * containerd do with it, and what farrier says where they cannot. Other generations: {@code -Dfarrier.suite=trixie}.
 */
final class Ipv6IT {
    private static final String ADDRESS = "fd00:fa11::2"; // unique local, on the node's own link
    private static final String REGISTRY = "[" + ADDRESS + "]:5005";
    private static final String SUITE = System.getProperty("farrier.suite", "host");
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @RegisterExtension
    static final PracticeNode NODE =
            PracticeNode.named("six").suite(SUITE).runtime("docker+containerd").seeded(PAUSE);

    private static boolean takesAddressesInNames;

    @BeforeAll
    static void takeIpv4Away() throws Exception {
        Path directory = NODE.directory();
        Files.writeString(directory.resolve("six.sh"), """
                set -e
                cd %1$s
                ip -6 address add %2$s/64 dev eth0 nodad
                openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=six \
                    -keyout certs/six.key -out six.csr
                echo 'subjectAltName=IP:%2$s' >six.ext
                openssl x509 -req -days 9 -in six.csr -CA certs/registry-ca.crt -CAkey certs/registry-ca.key \
                    -set_serial 6 -out certs/six.crt -extfile six.ext
                sed 's#addr: "[^"]*"#addr: "[%2$s]:5005"#; s#certs/registry[.]#certs/six.#g' registry.yml >six.yml
                setsid docker-registry serve six.yml </dev/null >log/six 2>&1 &
                ip -4 address flush dev eth0
                until (: </dev/tcp/%2$s/5005) 2>/dev/null; do sleep 0.05; done
                ip -4 address show dev eth0
                """.formatted(directory, ADDRESS));
        assertThat(NODE.exec("bash", directory.resolve("six.sh").toString())
                        .succeeded()
                        .out())
                .as("its IPv4 addresses")
                .isEmpty();
        int major = Integer.parseInt(NODE.docker("version", "-f", "{{.Server.Version}}")
                .succeeded()
                .out()
                .replaceFirst("(?s)[.].*", ""));
        takesAddressesInNames = major >= 25;
        NODE.configure(config("docker", ""));
    }

    @AfterEach
    void giveBack() {
        NODE.farrier("restore").succeeded();
        NODE.docker("rmi", PAUSE);
    }

    @Test
    void dockerPullsFromItAsAMirrorThroughCertsD() {
        NODE.configure(config("docker", "mirrors: {docker.io: {endpoints: ['https://" + REGISTRY + "']}}"));

        NODE.farrier("apply").exited(0);

        assertThat(NODE.file("/etc/docker/certs.d/" + REGISTRY + "/ca.crt")).exists();
        assertThat(NODE.docker("pull", PAUSE).succeeded().out()).contains("Downloaded newer image");
        assertThat(NODE.farrier("why", PAUSE).exited(0).out()).contains("1. https://" + REGISTRY + "/v2/", "has it");
        assertThat(NODE.farrier("plan").exited(0).out()).contains("Nothing to do");
    }

    @Test
    void dockerPullsByItsNameOrFarrierSaysThatItCannot() {
        NODE.configure(config("docker", ""));

        PracticeNode.Result apply = NODE.farrier("apply");

        PracticeNode.Result pull = NODE.docker("pull", REGISTRY + "/" + PAUSE);
        if (takesAddressesInNames) {
            assertThat(apply.exited(0).out()).doesNotContain("IPv6");
            pull.succeeded();
        } else {
            assertThat(pull.exited(1).err()).contains("invalid reference format");
            assertThat(apply.exited(2).out())
                    .contains("takes no IPv6 address in an image's name ('invalid reference format')");
        }
        assertThat(NODE.farrier("probe", REGISTRY).exited(0).out()).contains(REGISTRY + " can be used by docker");
    }

    @Test
    void containerdPullsFromItAsAMirrorThroughHostsToml() {
        NODE.configure(config(
                "containerd",
                "mirrors: {docker.io: {endpoints: ['https://" + REGISTRY + "', 'https://second.example']}}\n"
                        + "images: {keep: ['docker.io/" + PAUSE + "']}"));

        NODE.farrier("apply").exited(0);

        assertThat(NODE.farrier("images", "pull").exited(0).out()).contains("1 of 1 wanted images are here");
        assertThat(NODE.words("containerd")).doesNotContain("failed to decode hosts.toml");
        assertThat(NODE.farrier("why", PAUSE).out())
                .containsSubsequence("1. https://" + REGISTRY + "/v2/", "has it", "2. https://second.example");
        assertThat(NODE.farrier("plan").exited(0).out()).contains("Nothing to do");
        NODE.exec("ctr", "-n", "k8s.io", "image", "rm", "docker.io/" + PAUSE);
    }

    @Test
    void containerdPullsByItsNameOrFarrierSaysThatItCannot() {
        NODE.configure(config("containerd", "images: {keep: ['" + REGISTRY + "/" + PAUSE + "']}"));

        PracticeNode.Result apply = NODE.farrier("apply");

        PracticeNode.Result pull = NODE.farrier("images", "pull");
        if (takesAddressesInNames) { // both came with the same generation
            assertThat(apply.exited(0).out()).contains("proven");
            pull.succeeded();
        } else {
            assertThat(apply.exited(2).out())
                    .contains("takes no IPv6 address in an image's name ('invalid reference format')");
            assertThat(pull.exit()).isNotZero();
            assertThat(pull.out() + pull.err()).contains("invalid reference format");
        }
        assertThat(NODE.words("containerd")).doesNotContain("failed to decode hosts.toml");
    }

    /** k3s and RKE2 do not run here: what their template makes of an endpoint is given to the real containerd. */
    @Test
    void aTableNamedByItIsWhatContainerdDoesNotRead() throws Exception {
        Path folder = NODE.file("/etc/containerd/generated/docker.io");
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("hosts.toml"), """
                server = "https://registry-1.docker.io"
                [host]
                [host."https://%s/v2"]
                capabilities = ["pull", "resolve"]
                """.formatted(REGISTRY));

        PracticeNode.Result pull =
                NODE.exec("ctr", "images", "pull", "--hosts-dir", "/etc/containerd/generated", "docker.io/" + PAUSE);

        assertThat(pull.exited(1).err()).contains("registry-1.docker.io").doesNotContain(ADDRESS);
    }

    @Test
    void agentAndCollectorSpeakOverIt() {
        NODE.exec("mkdir", "-p", "/etc/farrier").succeeded();
        NODE.exec(
                        "sh",
                        "-c",
                        "printf 'listen: \"[%s]:8470\"\\nstate_dir: /var/lib/farrier/six\\n' >/etc/farrier/collector.yaml"
                                .formatted(ADDRESS))
                .succeeded();
        try (RunningFarrier collector = NODE.startFarrier("collector", "--config", "/etc/farrier/collector.yaml")) {
            Path state = NODE.file("/var/lib/farrier/six");
            await().atMost(PATIENCE)
                    .until(() -> Files.exists(state.resolve("agent.token"))
                            && NODE.exec("bash", "-c", ": </dev/tcp/" + ADDRESS + "/8470")
                                            .exit()
                                    == 0);
            NODE.configure(
                    config(
                            "docker",
                            "intervals: {health: 1s}\ncollector: {url: 'wss://[" + ADDRESS
                                    + "]:8470/feed', ca: /var/lib/farrier/six/ca.crt, token_file: /var/lib/farrier/six/agent.token}"));
            try (RunningFarrier agent = NODE.startFarrier("agent")) {
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(NODE.farrier("status", "-o", "json")
                                        .out()
                                        .replaceAll("\\s", ""))
                                .contains("\"connected\":true"));
                assertThat(collector.isAlive() && agent.isAlive()).isTrue();
            }
        }
    }

    private static String config(String distribution, String more) {
        return "mode: observe\nnode: {distribution: " + distribution + "}\nregistries: [{host: '" + REGISTRY
                + "', ca: certs/registry-ca.crt}]\n" + more + "\n";
    }
}
