package io.farrier.runtime.containerd;

import static io.farrier.testing.PracticeNode.PAUSE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.farrier.image.ManifestDigest;
import io.farrier.image.Reference;
import io.farrier.node.ProcessCommands;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.PullListener;
import io.farrier.runtime.PullRequest;
import io.farrier.runtime.RuntimeUnavailableException;
import io.farrier.sample.ContainerSample;
import io.farrier.sample.ContainerSample.State;
import io.farrier.testing.ContainerRuntimeContract;
import io.farrier.testing.CriPod;
import io.farrier.testing.PracticeNode;
import io.farrier.transport.Http;
import io.farrier.vitals.ContainerVitals;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract, and what only CRI does, against a real containerd. */
final class CriRuntimeIT extends ContainerRuntimeContract {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    @RegisterExtension
    static final PracticeNode NODE =
            PracticeNode.named("cri-runtime").runtime("containerd").seeded(PAUSE);

    private static final Vertx VERTX = Vertx.vertx();
    private static final Http HTTP = new Http(VERTX);
    private static CriRuntime runtime;

    @BeforeAll
    static void trustTheRegistry() throws IOException {
        Path folder = NODE.file("/etc/containerd/certs.d").resolve(NODE.registry());
        Files.createDirectories(folder);
        Files.copy(NODE.registryCa(), folder.resolve("ca.crt"));
        // The CA at the top, too: a missing tag would otherwise read as an untrusted registry.
        Files.writeString(
                folder.resolve("hosts.toml"),
                "server = \"https://" + NODE.registry() + "\"\nca = \"/etc/containerd/certs.d/" + NODE.registry()
                        + "/ca.crt\"\n");
        runtime = new CriRuntime(HTTP, NODE.containerdSocket(), new ProcessCommands());
        runtime.pull(new PullRequest(Reference.parse(image()), Optional.empty()), PullListener.SILENT);
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
    protected Reference byDigest(Reference served) {
        String digest = NODE.exec(
                        "skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}", "docker://" + served)
                .succeeded()
                .out()
                .strip();
        return new Reference(
                served.registry(), served.path(), Optional.empty(), Optional.of(new ManifestDigest(digest)));
    }

    @Override
    protected Reference missingImage() {
        return Reference.parse(NODE.registry() + "/contract/missing:1");
    }

    @Test
    void saysItsVersionAndWhereItsDataIs() throws IOException {
        assertThat(runtime.info().name()).isEqualTo("containerd");
        assertThat(runtime.info().apiVersion()).isEqualTo("v1");
        assertThat(runtime.info().dataRoot())
                .hasValueSatisfying(root -> assertThat(root).endsWith("/containerd"));
    }

    @Test
    void saysWhichPauseImageItMakesPodsWith() throws IOException {
        assertThat(runtime.info().pauseImage()).contains(image());
    }

    @Test
    void saysInTheRuntimesWordsThatARegistryIsNotTrusted() {
        Reference untrusted = Reference.parse(NODE.authRegistry() + "/app:1");

        assertThatThrownBy(() -> runtime.pull(new PullRequest(untrusted, Optional.empty()), PullListener.SILENT))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("x509: certificate signed by unknown authority");
    }

    @Test
    void showsContainersWithPodAttemptExitCodeAndLog() throws IOException {
        try (CriPod pod = pod("shop")) {
            String failed = pod.run("till", 0, image(), 0, "echo one; exit 7");
            String running = pod.run("till", 1, image(), 0, "sleep 600");

            ContainerSample old = eventually(failed, State.EXITED);
            ContainerSample now = eventually(running, State.RUNNING);

            assertThat(old.exitCode()).isEqualTo(7);
            assertThat(old.oomKilled()).isFalse();
            assertThat(old.finishedAt()).isPresent();
            assertThat(now.name()).isEqualTo("till");
            assertThat(now.pod()).isEqualTo("default/shop");
            assertThat(now.restarts()).isEqualTo(1);
            assertThat(now.startedAt()).isPresent();
            assertThat(now.finishedAt()).isEmpty();
            assertThat(now.logPath()).isEqualTo("/var/log/pods/default_shop_shop-uid/till/1.log");
        }
    }

    @Test
    void showsThatAContainerRanOutOfMemory() throws IOException {
        try (CriPod pod = pod("hungry")) {
            String id = pod.run("eater", 0, image(), 8 << 20, "a=x; while :; do a=$a$a; done");

            assertThat(eventually(id, State.EXITED)).satisfies(sample -> {
                assertThat(sample.oomKilled()).isTrue();
                assertThat(sample.exitCode()).isEqualTo(137);
            });
        }
    }

    @Test
    void readsWhatARunningContainerUses() throws IOException {
        try (CriPod pod = pod("busy")) {
            String id = pod.run("worker", 0, image(), 64 << 20, "while :; do :; done");
            ContainerVitals vitals = new ContainerVitals(Path.of("/sys/fs/cgroup"), Path.of("/proc"));

            await().atMost(DEADLINE)
                    .untilAsserted(() -> assertThat(vitals.usage(List.of(id)))
                            .singleElement()
                            .satisfies(usage -> {
                                assertThat(usage.cpuNanos()).isGreaterThan(100_000_000);
                                assertThat(usage.memoryBytes()).isBetween(1L, 64L << 20);
                                assertThat(usage.memoryLimitBytes()).isEqualTo(64L << 20);
                            }));
        }
    }

    private static CriPod pod(String name) throws IOException {
        return new CriPod(HTTP, NODE.containerdSocket(), NODE.cgroup(), "default", name);
    }

    private static String image() {
        return NODE.registry() + "/" + PAUSE;
    }

    private static ContainerSample eventually(String id, State state) {
        AtomicReference<ContainerSample> seen = new AtomicReference<>();
        await().atMost(DEADLINE)
                .untilAsserted(() -> assertThat(runtime.containers())
                        .filteredOn(sample -> sample.id().equals(id))
                        .singleElement()
                        .satisfies(sample -> {
                            assertThat(sample.state()).isEqualTo(state);
                            seen.set(sample);
                        }));
        return seen.get();
    }

    @Test
    void comesBackByItself() throws IOException {
        NODE.stop("containerd");
        assertThatThrownBy(runtime::images)
                .isInstanceOf(RuntimeUnavailableException.class)
                .hasMessageContaining(NODE.containerdSocket().toString());

        NODE.start("containerd");

        await().atMost(DEADLINE)
                .ignoreExceptionsInstanceOf(RuntimeUnavailableException.class)
                .untilAsserted(() -> assertThat(runtime.info().version()).isNotEmpty());
    }
}
