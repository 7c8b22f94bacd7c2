package io.farrier.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.runtime.RuntimeEvent.Kind;
import io.farrier.runtime.RuntimeFinder.Found;
import io.farrier.testing.FakeRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class RuntimeFinderTest {
    private static final String DOCKER = "run/docker.sock";
    private static final String RANCHER = "run/k3s/containerd/containerd.sock";
    private static final String CONTAINERD = "run/containerd/containerd.sock";

    private final List<ServerSocketChannel> open = new ArrayList<>();
    private Path root;

    @BeforeEach
    void makeANode() throws IOException {
        root = Files.createTempDirectory(Path.of("/tmp"), "node"); // a socket's path is 107 bytes at most
    }

    @AfterEach
    void removeIt() throws IOException {
        for (ServerSocketChannel channel : open) {
            channel.close();
        }
        try (Stream<Path> all = Files.walk(root)) {
            all.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        }
    }

    @Test
    void findsDocker() throws IOException {
        listen(DOCKER);

        assertThat(look()).contains(new Found(RuntimeFinder.Kind.DOCKER, root.resolve(DOCKER)));
    }

    @Test
    void takesDockerBeforeTheContainerdBelowIt() throws IOException {
        listen(CONTAINERD);
        listen(DOCKER);

        assertThat(look()).map(Found::kind).contains(RuntimeFinder.Kind.DOCKER);
    }

    @Test
    void knowsRkeByItsCertificates() throws IOException {
        listen(DOCKER);
        touch("etc/kubernetes/ssl/kube-ca.pem");

        assertThat(look()).map(Found::kind).contains(RuntimeFinder.Kind.RKE);
    }

    @Test
    void tellsK3sFromRke2() throws IOException {
        listen(RANCHER);
        assertThat(look()).contains(new Found(RuntimeFinder.Kind.K3S, root.resolve(RANCHER)));

        touch("etc/rancher/rke2/config.yaml");
        assertThat(look()).map(Found::kind).contains(RuntimeFinder.Kind.RKE2);
    }

    @Test
    void takesK3sBeforeADockerThatIsThereToo() throws IOException {
        listen(DOCKER);
        listen(RANCHER);

        assertThat(look()).map(Found::kind).contains(RuntimeFinder.Kind.K3S);
    }

    @Test
    void takesDockerWhereK3sUsesIt() throws IOException {
        touch("etc/systemd/system/k3s.service");
        listen(DOCKER);

        assertThat(look()).map(Found::kind).contains(RuntimeFinder.Kind.DOCKER);
    }

    @Test
    void findsPlainContainerd() throws IOException {
        listen(CONTAINERD);

        assertThat(look()).map(Found::kind).contains(RuntimeFinder.Kind.CONTAINERD);
    }

    @Test
    void aDockerThatIsStartedWithTheNodeIsWaitedForThoughItsContainerdIsThereAlready() throws IOException {
        listen(CONTAINERD);
        enable("docker.service");

        assertThat(look()).isEmpty();

        listen(DOCKER);
        assertThat(look()).map(Found::kind).contains(RuntimeFinder.Kind.DOCKER);
    }

    @Test
    void findsNothingOnAnEmptyNodeNorInAFolderThatIsNamedLikeASocket() throws IOException {
        assertThat(look()).isEmpty();

        Files.createDirectories(root.resolve(DOCKER));
        assertThat(look()).isEmpty();
    }

    @Test
    void looksOnlyWhereTheConfigurationSays() throws IOException {
        listen(DOCKER);

        RuntimeFinder finder = new RuntimeFinder(root, Optional.of(RuntimeFinder.Kind.RKE2), Optional.empty());

        assertThat(finder.find()).isEmpty();
        assertThat(finder.tried()).isEqualTo(root.resolve(RANCHER).toString());
    }

    @Test
    void aRuntimeThatIsNotThereYetIsUnavailableAndThenAppears() throws IOException {
        FakeRuntime docker = new FakeRuntime();
        AppearingRuntime runtime = new AppearingRuntime(finder(), found -> docker, System::nanoTime);
        List<RuntimeEvent> seen = new ArrayList<>();
        runtime.watch(seen::add);
        assertThatThrownBy(runtime::images)
                .isInstanceOf(RuntimeUnavailableException.class)
                .hasMessageContaining(root.resolve(DOCKER).toString());

        listen(DOCKER);

        assertThat(runtime.images()).isEmpty();
        assertThat(seen).extracting(RuntimeEvent::kind).containsExactly(Kind.RESYNC);
    }

    @Test
    void movesToAnotherRuntimeWithItsWatchers() throws IOException {
        FakeRuntime docker = new FakeRuntime();
        FakeRuntime k3s = new FakeRuntime();
        AppearingRuntime runtime =
                new AppearingRuntime(finder(), found -> found.kind().isDocker() ? docker : k3s, System::nanoTime);
        List<RuntimeEvent> seen = new ArrayList<>();
        listen(DOCKER);
        runtime.watch(seen::add);

        listen(RANCHER);
        runtime.images();
        docker.tell(new RuntimeEvent(Kind.IMAGE, "pull", "from docker"));
        k3s.tell(new RuntimeEvent(Kind.IMAGE, "pull", "from k3s"));

        assertThat(k3s.calls()).containsExactly("images");
        assertThat(seen).extracting(RuntimeEvent::id).contains("from k3s").doesNotContain("from docker");
    }

    @Test
    void whoLooksAllTheTimeGetsTheAnswerThatSomebodyElseGot() throws IOException {
        FakeRuntime docker = new FakeRuntime();
        AtomicLong now = new AtomicLong();
        AppearingRuntime runtime = new AppearingRuntime(finder(), found -> docker, now::get);
        listen(DOCKER);

        runtime.info();
        now.addAndGet(Duration.ofSeconds(59).toNanos());
        runtime.recentInfo();
        assertThat(docker.calls()).containsExactly("info");

        now.addAndGet(Duration.ofSeconds(1).toNanos());
        runtime.recentInfo();
        assertThat(docker.calls()).containsExactly("info", "info");
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"DAEMON", "RESYNC"})
    void aRuntimeThatSaysItHasChangedIsAskedAgainAtOnce(Kind kind) throws IOException {
        FakeRuntime docker = new FakeRuntime();
        AppearingRuntime runtime = new AppearingRuntime(finder(), found -> docker, () -> 0);
        listen(DOCKER);
        List<String> asked = new ArrayList<>();
        runtime.watch(event -> asked.add(said(runtime)));
        runtime.recentInfo();
        int before = docker.calls().size();

        docker.tell(new RuntimeEvent(kind, "reload", "docker"));

        assertThat(docker.calls()).hasSize(before + 1);
        assertThat(asked).isNotEmpty();
    }

    @Test
    void anAnswerFromBeforeARuntimeFailedIsNotGivenAfterIt() throws IOException {
        FakeRuntime docker = new FakeRuntime();
        AppearingRuntime runtime = new AppearingRuntime(finder(), found -> docker, () -> 0);
        listen(DOCKER);
        runtime.info();
        docker.goAway();

        assertThatThrownBy(runtime::info).isInstanceOf(RuntimeUnavailableException.class);
        assertThatThrownBy(runtime::recentInfo).isInstanceOf(RuntimeUnavailableException.class);
    }

    @Test
    void anAnswerFromBeforeItsContainersWereAskedForInVainIsNotGivenAfterIt() throws IOException {
        FakeRuntime docker = new FakeRuntime();
        AppearingRuntime runtime = new AppearingRuntime(finder(), found -> docker, () -> 0);
        listen(DOCKER);
        runtime.recentInfo();
        docker.goAway();

        assertThatThrownBy(runtime::containers).isInstanceOf(RuntimeUnavailableException.class);
        assertThatThrownBy(runtime::recentInfo).isInstanceOf(RuntimeUnavailableException.class);
    }

    private static String said(AppearingRuntime runtime) {
        try {
            return runtime.recentInfo().name();
        } catch (IOException silent) {
            throw new UncheckedIOException(silent);
        }
    }

    private Optional<Found> look() {
        return finder().find();
    }

    private RuntimeFinder finder() {
        return new RuntimeFinder(root, Optional.empty(), Optional.empty());
    }

    private void listen(String path) throws IOException {
        Path socket = root.resolve(path);
        Files.createDirectories(socket.getParent());
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        channel.bind(UnixDomainSocketAddress.of(socket));
        open.add(channel);
    }

    private void enable(String unit) throws IOException {
        Path wants = root.resolve("etc/systemd/system/multi-user.target.wants");
        Files.createDirectories(wants);
        Files.createSymbolicLink(wants.resolve(unit), Path.of("/lib/systemd/system", unit));
    }

    private void touch(String path) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.createFile(file);
    }
}
