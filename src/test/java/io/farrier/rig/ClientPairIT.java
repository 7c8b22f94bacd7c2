package io.farrier.rig;

import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.farrier.image.Reference;
import io.farrier.node.ProcessCommands;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.PullRequest;
import io.farrier.runtime.containerd.CriRuntime;
import io.farrier.runtime.docker.DockerRuntime;
import io.farrier.testing.Minted;
import io.farrier.testing.PracticeNode;
import io.farrier.transport.Http;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * No pull fails while the client pair of its registry comes and is rotated (SAFETY 47): a real registry that demands client
 * certificates, and one that does not, are pulled from all the time. More: {@code bench.sh pairs}.
 */
final class ClientPairIT {
    private static final int ROTATIONS = Integer.getInteger("farrier.rotations", 1);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PORT = 5003;
    private static final Minted CLIENTS = Minted.ca("Clients").selfSigned();

    @RegisterExtension
    static final PracticeNode NODE = PracticeNode.named("pairs")
            .suite(System.getProperty("farrier.suite", "host"))
            .runtime("docker+containerd")
            .seeded(PAUSE);

    private static String demanding;

    /** It serves what the node's TLS registry holds, under the same name, to whoever shows a certificate of CLIENTS. */
    @BeforeAll
    static void startARegistryThatDemandsClientCertificates() throws IOException {
        demanding = NODE.registry().replaceAll(":.*", "") + ":" + PORT;
        Path certs = NODE.directory().resolve("certs");
        Files.writeString(certs.resolve("clients-ca.crt"), CLIENTS.pem());
        Path configuration = Files.writeString(NODE.directory().resolve("demanding.yml"), """
                version: 0.1
                storage: {filesystem: {rootdirectory: %s/registry}}
                http:
                  addr: "%s:%d"
                  secret: practice
                  tls: {certificate: %s/registry.crt, key: %s/registry.key, clientcas: [%s/clients-ca.crt]}
                """.formatted(
                        NODE.directory(), NODE.address(), PORT, certs, certs, certs));
        NODE.exec(
                        "sh",
                        "-c",
                        "setsid docker-registry serve " + configuration + " >" + NODE.directory()
                                + "/log/demanding 2>&1 </dev/null &")
                .succeeded();
        await().atMost(PATIENCE)
                .until(() -> NODE.exec("bash", "-c", ": </dev/tcp/" + NODE.address() + "/" + PORT)
                                .exit()
                        == 0);
    }

    @Test
    void noPullFailsWhilePairsComeAndAreRotated() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (Http http = new Http(vertx)) {
            rotateWhilePulling("docker", new DockerRuntime(http, NODE.dockerSocket()));
            rotateWhilePulling("containerd", new CriRuntime(http, NODE.containerdSocket(), new ProcessCommands()));
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private static void rotateWhilePulling(String distribution, ContainerRuntime runtime) throws Exception {
        apply(distribution, 0);
        try (Puller puller = new Puller(runtime)) {
            for (int rotation = 1; rotation <= ROTATIONS; rotation++) {
                puller.pullsOnceMore();
                apply(distribution, rotation);
            }
            puller.pullsOnceMore();
            System.out.println(distribution + ": " + ROTATIONS + " rotations, " + puller.pulls() + " pulls, "
                    + puller.failures().size() + " failed");
            assertThat(puller.failures()).as(distribution).isEmpty();
        }
        refusesWhoeverShowsNone(distribution, runtime);
    }

    /** Pair number 0 is the first of the demanding registry; the other one gets its first with number 1. */
    private static void apply(String distribution, int number) throws IOException {
        Minted client = Minted.server("client " + number)
                .extended(KeyPurposeId.id_kp_clientAuth)
                .by(CLIENTS);
        Path folder = Files.createDirectories(NODE.file("/etc/farrier/certs"));
        Files.writeString(folder.resolve("client.cert"), client.pem());
        Files.deleteIfExists(folder.resolve("client.key"));
        Path key = Files.createFile(
                folder.resolve("client.key"),
                java.nio.file.attribute.PosixFilePermissions.asFileAttribute(
                        java.nio.file.attribute.PosixFilePermissions.fromString("rw-------")));
        Files.writeString(key, client.keyPem());
        String pair = "client: {cert: certs/client.cert, key: certs/client.key}";
        NODE.configure("""
                mode: keep
                node: {distribution: %s}
                registries:
                  - {host: "%s", ca: certs/registry-ca.crt, %s}
                  - {host: "%s", ca: certs/registry-ca.crt%s}
                """.formatted(distribution, demanding, pair, NODE.registry(), number == 0 ? "" : ", " + pair));
        NODE.farrier("apply").succeeded();
    }

    /** Else the pulls would have proven nothing. */
    private static void refusesWhoeverShowsNone(String distribution, ContainerRuntime runtime) throws IOException {
        NODE.configure("""
                mode: keep
                node: {distribution: %s}
                registries: [{host: "%s", ca: certs/registry-ca.crt}]
                """.formatted(distribution, demanding));
        NODE.farrier("apply", "--allow-removal").succeeded();
        assertThat(failure(runtime, demanding).orElse("it can still be pulled")).containsIgnoringCase("certificate");
    }

    private static Optional<String> failure(ContainerRuntime runtime, String registry) {
        try {
            runtime.pull(new PullRequest(Reference.parse(registry + "/" + PAUSE), Optional.empty()), progress -> {});
            return Optional.empty();
        } catch (IOException failed) {
            return Optional.of(registry + ": " + failed.getMessage());
        }
    }

    /** Pulls from both registries in turn until it is closed. */
    private static final class Puller implements AutoCloseable {
        private final List<String> failures = Collections.synchronizedList(new ArrayList<>());
        private final AtomicInteger pulls = new AtomicInteger();
        private final Thread thread;
        private volatile boolean isOver;

        Puller(ContainerRuntime runtime) {
            thread = new Thread(() -> pull(runtime), "puller");
            thread.start();
        }

        private void pull(ContainerRuntime runtime) {
            while (!isOver) {
                failure(runtime, demanding).ifPresent(failures::add);
                failure(runtime, NODE.registry()).ifPresent(failures::add);
                pulls.addAndGet(2);
            }
        }

        /** Waits for the end of a pull that is under way, and of the next one. */
        void pullsOnceMore() {
            int before = pulls.get();
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .untilAsserted(() -> assertThat(pulls.get()).isGreaterThan(before + 2));
        }

        int pulls() {
            return pulls.get();
        }

        List<String> failures() {
            return List.copyOf(failures);
        }

        @Override
        public void close() throws InterruptedException {
            isOver = true;
            thread.join();
        }
    }
}
