package io.farrier.runtime.docker;

import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.LiveSettings;
import io.farrier.runtime.PullListener;
import io.farrier.runtime.PullListener.PullProgress;
import io.farrier.runtime.PullRequest;
import io.farrier.runtime.RegistryCredentials;
import io.farrier.runtime.RuntimeEvent;
import io.farrier.runtime.RuntimeEvent.Kind;
import io.farrier.runtime.RuntimeUnavailableException;
import io.farrier.sample.ContainerSample;
import io.farrier.sample.ContainerSample.Health;
import io.farrier.sample.ContainerSample.State;
import io.farrier.secret.Secret;
import io.farrier.testing.ContainerRuntimeContract;
import io.farrier.testing.PracticeNode;
import io.farrier.transport.Http;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract, and what only dockerd does, against a real dockerd. */
final class DockerRuntimeIT extends ContainerRuntimeContract {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    @RegisterExtension
    static final PracticeNode NODE = PracticeNode.named("docker-runtime").seeded(PAUSE);

    private static final Vertx VERTX = Vertx.vertx();
    private static final Http HTTP = new Http(VERTX);
    private static DockerRuntime runtime;

    @BeforeAll
    static void trustTheRegistries() throws IOException {
        trust(NODE.registry());
        runtime = new DockerRuntime(HTTP, NODE.dockerSocket());
        pull(Reference.parse(NODE.registry() + "/" + PAUSE));
    }

    private static void trust(String host) throws IOException {
        Path folder = NODE.file("/etc/docker/certs.d").resolve(host);
        Files.createDirectories(folder);
        Files.copy(NODE.registryCa(), folder.resolve("ca.crt"));
    }

    @AfterAll
    static void close() {
        runtime.close();
        HTTP.close();
        VERTX.close();
    }

    @Override
    protected ContainerRuntime runtime() {
        return runtime;
    }

    @Override
    protected Reference servedImage(String tag) {
        NODE.seed("contract/" + tag + ":1");
        return Reference.parse(NODE.registry() + "/contract/" + tag + ":1");
    }

    @Override
    protected Reference byDigest(Reference served) throws IOException {
        ManifestDigest digest = runtime.lookAtRegistry(new PullRequest(served, Optional.empty()))
                .orElseThrow();
        return new Reference(served.registry(), served.path(), Optional.empty(), Optional.of(digest));
    }

    @Override
    protected Reference missingImage() {
        return Reference.parse(NODE.registry() + "/contract/missing:1");
    }

    @Test
    void sumsTheLayersItDownloads() throws IOException {
        List<PullProgress> seen = new CopyOnWriteArrayList<>();
        NODE.seed("size/two-parts:1");

        runtime.pull(
                new PullRequest(Reference.parse(NODE.registry() + "/size/two-parts:1"), Optional.empty()), seen::add);

        PullProgress last = seen.get(seen.size() - 1);
        assertThat(last.totalBytes())
                .as("two parts of 4 MiB that do not compress")
                .isBetween(8_000_000L, 12_000_000L);
        assertThat(last.doneBytes()).isEqualTo(last.totalBytes());
    }

    @Test
    void givesTheErrorThatComesAtTheEndOfAStreamOfStatus200() throws IOException {
        NODE.seed("torn/app:1");
        loseALayer("torn/app:1");

        assertThatThrownBy(() -> pull(Reference.parse(NODE.registry() + "/torn/app:1")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("unknown blob");
        assertThat(runtime.find(Reference.parse(NODE.registry() + "/torn/app:1")))
                .isEmpty();
    }

    private static void loseALayer(String image) throws IOException {
        String manifest = NODE.exec(
                        "skopeo", "inspect", "--raw", "--tls-verify=false", "docker://" + NODE.registry() + "/" + image)
                .succeeded()
                .out();
        String digest = new ObjectMapper()
                .readTree(manifest)
                .path("layers")
                .path(2)
                .path("digest")
                .asText();
        String hex = digest.substring("sha256:".length());
        Files.delete(NODE.directory()
                .resolve("registry/docker/registry/v2/blobs/sha256")
                .resolve(hex.substring(0, 2))
                .resolve(hex)
                .resolve("data"));
    }

    @Test
    void saysInTheDaemonsWordsThatARegistryIsNotTrusted() {
        Reference untrusted = Reference.parse(NODE.authRegistry() + "/" + PAUSE);

        assertThatThrownBy(() -> pull(untrusted)).hasMessageContaining("x509: certificate signed by unknown authority");
        assertThatThrownBy(() -> runtime.lookAtRegistry(new PullRequest(untrusted, Optional.empty())))
                .hasMessageContaining("x509: certificate signed by unknown authority");
    }

    @Test
    void logsInWithFarriersOwnCredentials() throws IOException {
        String plain = "login/app:1";
        NODE.seedTo("auth", plain);
        Reference reference = Reference.parse(NODE.authRegistry() + "/" + plain);
        trustOnce(NODE.authRegistry());
        try {
            assertThatThrownBy(() -> pull(reference)).hasMessageContaining("no basic auth credentials");

            RegistryCredentials credentials = new RegistryCredentials(
                    RegistryHost.parse(NODE.authRegistry()),
                    NODE.fact("auth_user"),
                    Secret.of(NODE.fact("auth_password")));
            assertThat(runtime.pull(new PullRequest(reference, Optional.of(credentials)), PullListener.SILENT)
                            .tags())
                    .contains(reference.toString());
        } finally {
            Files.delete(NODE.file("/etc/docker/certs.d")
                    .resolve(NODE.authRegistry())
                    .resolve("ca.crt"));
        }
    }

    private static void trustOnce(String host) throws IOException {
        Files.deleteIfExists(NODE.file("/etc/docker/certs.d").resolve(host).resolve("ca.crt"));
        trust(host);
    }

    @Test
    void pullsByDigestAndTagsWhenBothAreAskedFor() throws IOException {
        Reference served = servedImage("both");
        Reference both = new Reference(
                served.registry(), served.path(), served.tag(), byDigest(served).digest());

        assertThat(runtime.pull(new PullRequest(both, Optional.empty()), PullListener.SILENT)
                        .tags())
                .contains(served.toString());
        assertThat(runtime.find(both)).isPresent();
    }

    @Test
    void showsHowAContainerEnded() {
        run("--name", "exits", "--entrypoint", "/bin/sh", image(), "-c", "exit 7");

        ContainerSample sample = eventually("exits", State.EXITED);

        assertThat(sample.exitCode()).isEqualTo(7);
        assertThat(sample.oomKilled()).isFalse();
        assertThat(sample.finishedAt()).isPresent();
        assertThat(sample.logPath()).endsWith(sample.id() + "-json.log");
    }

    @Test
    void showsThatAContainerRanOutOfMemory() {
        run(
                "--name",
                "hungry",
                "--memory",
                "8m",
                "--entrypoint",
                "/bin/sh",
                image(),
                "-c",
                // Not at once: containerd misses one that is killed before it listens (containerd#8180).
                "sleep 1; a=x; while :; do a=$a$a; done");

        // It may tell of the end before it tells why (containerd#12714).
        await().atMost(DEADLINE)
                .untilAsserted(() -> assertThat(container("hungry")).hasValueSatisfying(sample -> {
                    assertThat(sample.state()).isEqualTo(State.EXITED);
                    assertThat(sample.oomKilled()).isTrue();
                    assertThat(sample.exitCode()).isEqualTo(137);
                }));
    }

    @Test
    void countsRestartsThatFallBetweenTwoLooks() throws IOException {
        run("--name", "restless", "--restart", "always", "--entrypoint", "/bin/sh", image(), "-c", "sleep 0.3; exit 1");

        await().atMost(DEADLINE)
                .untilAsserted(() -> assertThat(container("restless"))
                        .hasValueSatisfying(
                                sample -> assertThat(sample.restarts()).isGreaterThan(2)));
        NODE.docker("rm", "-f", "restless").succeeded();
    }

    @Test
    void showsAHealthCheckTurningBad() {
        run(
                "--name",
                "sick",
                "--health-cmd",
                "test ! -e /tmp/sick",
                "--health-interval",
                "1s",
                "--health-retries",
                "3",
                image());
        await().atMost(DEADLINE)
                .untilAsserted(() -> assertThat(container("sick"))
                        .hasValueSatisfying(
                                sample -> assertThat(sample.health()).isEqualTo(Health.HEALTHY)));

        NODE.docker("exec", "sick", "/bin/touch", "/tmp/sick").succeeded();

        await().atMost(DEADLINE)
                .untilAsserted(() -> assertThat(container("sick"))
                        .hasValueSatisfying(
                                sample -> assertThat(sample.health()).isEqualTo(Health.UNHEALTHY)));
    }

    @Test
    void knowsRkesContainersAndPodsByTheirNames() throws IOException {
        run("--name", "kubelet", "--label", "io.rancher.rke.container.name=kubelet", image());
        NODE.docker("create", "--name", "service-sidekick", "--network", "none", image())
                .succeeded();
        run("--name", "k8s_app_shop-1_default_8d4c0b0e-1_0", image());

        assertThat(container("kubelet")).hasValueSatisfying(sample -> {
            assertThat(sample.role()).isEqualTo("kubelet");
            assertThat(sample.state()).isEqualTo(State.RUNNING);
            assertThat(sample.image()).isEqualTo(image());
        });
        assertThat(container("service-sidekick")).hasValueSatisfying(sample -> {
            assertThat(sample.role()).isEqualTo("service-sidekick");
            assertThat(sample.state()).isEqualTo(State.CREATED);
            assertThat(sample.startedAt()).isEmpty();
        });
        assertThat(container("k8s_app_shop-1_default_8d4c0b0e-1_0"))
                .hasValueSatisfying(sample -> assertThat(sample.pod()).isEqualTo("default/shop-1"));
    }

    @Test
    void reloadsAndSeesTheSettingsInEffect() throws IOException {
        Path json = NODE.file("/etc/docker/daemon.json");
        Files.writeString(
                json, "{\"live-restore\": true, \"debug\": true, \"insecure-registries\": [\"plain.practice:5001\"]}");

        daemon().reload();

        LiveSettings live = runtime.info().live().orElseThrow();
        assertThat(live.liveRestore()).isTrue();
        assertThat(live.values()).containsEntry("debug", "true").containsEntry("log-driver", "json-file");
        assertThat(live.insecureRegistries()).containsExactly("plain.practice:5001");
    }

    @Test
    void doesNotBelieveAReloadThatDockerdRefused() throws IOException {
        Path json = NODE.file("/etc/docker/daemon.json");
        Files.writeString(json, "{\"live-restore\": nonsense}");
        try {
            assertThatThrownBy(daemon()::reload)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no reload event")
                    .hasMessageContaining("journalctl");
        } finally {
            Files.writeString(json, "{}");
        }
    }

    private static DockerDaemon daemon() {
        return new DockerDaemon(
                runtime,
                () -> NODE.exec("sh", "-c", "kill -HUP " + NODE.pid("dockerd")).succeeded(),
                () -> {
                    throw new IOException("not in this test");
                });
    }

    @Test
    void comesBackByItselfAndTellsTheWatcherToListAgain() throws IOException {
        List<RuntimeEvent> seen = new CopyOnWriteArrayList<>();
        try (ContainerRuntime.Watch watch = runtime.watch(seen::add)) {
            await().atMost(DEADLINE).until(() -> resyncs(seen) == 1);

            NODE.stop("dockerd");
            assertThatThrownBy(runtime::info)
                    .isInstanceOf(RuntimeUnavailableException.class)
                    .hasMessageContaining(NODE.dockerSocket().toString());
            NODE.start("dockerd");

            await().atMost(DEADLINE).until(() -> resyncs(seen) == 2);
            assertThat(runtime.info().version()).isNotEmpty();
        }
    }

    private static long resyncs(List<RuntimeEvent> seen) {
        return seen.stream().filter(event -> event.kind() == Kind.RESYNC).count();
    }

    @Test
    void tellsOfContainersThatStartAndDie() throws IOException {
        List<RuntimeEvent> seen = new CopyOnWriteArrayList<>();
        try (ContainerRuntime.Watch watch = runtime.watch(seen::add)) {
            await().atMost(DEADLINE).until(() -> resyncs(seen) == 1);

            run("--name", "short", "--entrypoint", "/bin/true", image());

            await().atMost(DEADLINE)
                    .untilAsserted(() -> assertThat(seen)
                            .filteredOn(event -> event.kind() == Kind.CONTAINER)
                            .extracting(RuntimeEvent::action)
                            .contains("create", "start", "die"));
        }
    }

    private static String image() {
        return NODE.registry() + "/" + PAUSE;
    }

    private static void run(String... arguments) {
        List<String> command = new java.util.ArrayList<>(List.of("run", "--detach", "--network", "none"));
        command.addAll(List.of(arguments));
        NODE.docker(command.toArray(String[]::new)).succeeded();
    }

    private static ContainerSample eventually(String name, State state) {
        await().atMost(DEADLINE)
                .untilAsserted(() -> assertThat(container(name))
                        .hasValueSatisfying(sample -> assertThat(sample.state()).isEqualTo(state)));
        try {
            return container(name).orElseThrow();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Optional<ContainerSample> container(String name) throws IOException {
        return runtime.containers().stream()
                .filter(sample -> sample.name().equals(name))
                .findFirst();
    }

    private static void pull(Reference reference) throws IOException {
        runtime.pull(new PullRequest(reference, Optional.empty()), PullListener.SILENT);
    }
}
