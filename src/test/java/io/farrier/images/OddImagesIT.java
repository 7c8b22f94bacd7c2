package io.farrier.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.FarrierConfig.Hold;
import io.farrier.config.FarrierConfig.Pulls;
import io.farrier.image.ImageManifest;
import io.farrier.image.Platform;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.images.ImageKeeper.PullBoard;
import io.farrier.node.ProcessCommands;
import io.farrier.registry.LoginMemory;
import io.farrier.registry.Registry;
import io.farrier.registry.RegistryContent;
import io.farrier.runtime.ContainerRuntime;
import io.farrier.runtime.containerd.CriRuntime;
import io.farrier.runtime.docker.DockerRuntime;
import io.farrier.sample.ImageStatus;
import io.farrier.sample.ImageStatus.State;
import io.farrier.testing.FaultyRegistry;
import io.farrier.testing.OddManifests;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.TinyImage;
import io.farrier.transport.Http;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images as they should not be, a disk that fills and a daemon that restarts, met by the real runtimes. */
final class OddImagesIT {
    @RegisterExtension
    static final PracticeNode NODE = PracticeNode.named("odd-images").runtime("docker+containerd");

    private static final Vertx VERTX = Vertx.vertx();
    private static final Http HTTP = new Http(VERTX);
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static FaultyRegistry registry;

    @BeforeAll
    static void start() throws Exception {
        registry = new FaultyRegistry(NODE.hostAddress());
        Path docker = Files.createDirectories(NODE.file("/etc/docker/certs.d").resolve(registry.host()));
        Files.writeString(docker.resolve("ca.crt"), registry.caPem());
        Path containerd =
                Files.createDirectories(NODE.file("/etc/containerd/certs.d").resolve(registry.host()));
        Files.writeString(containerd.resolve("ca.crt"), registry.caPem());
        Files.writeString(
                containerd.resolve("hosts.toml"),
                "server = \"https://" + registry.host() + "\"\nca = \"/etc/containerd/certs.d/" + registry.host()
                        + "/ca.crt\"\n");
    }

    @AfterAll
    static void close() throws Exception {
        registry.close();
        HTTP.close();
        VERTX.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "containerd"})
    void anImageThatIsWantedByItsDigestAloneComesAndIsSeen(String name) throws IOException {
        TinyImage image = TinyImage.of(registry.host() + "/digest/" + name + ":1", "digest " + name);
        registry.serve(image);
        Reference exact = image.name().at(image.manifest().digest()).withoutTag();

        assertThat(keep(name, exact)).extracting(ImageStatus::state).containsExactly(State.PRESENT);
        assertThat(keeper(name, exact).check()).extracting(ImageStatus::state).containsExactly(State.PRESENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "containerd"})
    void whatIsNoImageOfThisNodeIsRefusedInOneSentenceAndTheRestComes(String name) throws IOException {
        TinyImage good = TinyImage.of(registry.host() + "/odd/good:1", "good");
        registry.serve(good);
        registry.serveManifest("odd/chart", "1", ImageManifest.OCI_IMAGE, OddManifests.chart());
        registry.serveManifest(
                "odd/platform", "1", ImageManifest.OCI_INDEX, OddManifests.indexOfAnotherPlatform(good.manifest()));

        List<ImageStatus> statuses = keep(name, named("odd/chart:1"), named("odd/platform:1"), good.name());

        assertThat(statuses).extracting(ImageStatus::state).containsExactly(State.FAILED, State.FAILED, State.PRESENT);
        assertThat(statuses.get(0).reason()).contains("it is no container image", OddManifests.CHART_CONFIG);
        assertThat(statuses.get(1).reason()).contains("but not for " + Platform.ofThisNode());
    }

    /** Farrier does not read it and lets the runtime try; these two cannot, because its layer is nowhere. */
    @ParameterizedTest
    @ValueSource(strings = {"docker", "containerd"})
    void ofAnImageInSchema1TheRuntimeHasTheLastWord(String name) throws IOException {
        registry.serveManifest("odd/old", "1", OddManifests.SCHEMA_1_TYPE, OddManifests.schema1("odd/old"));

        assertThat(keep(name, named("odd/old:1"))).singleElement().satisfies(status -> {
            assertThat(status.state()).isEqualTo(State.FAILED);
            assertThat(status.reason()).isNotBlank().doesNotContain("farrier does not read");
        });
    }

    /** containerd reads them since 1.5, Docker since 23: there it ends with Docker's words. */
    @ParameterizedTest
    @ValueSource(strings = {"docker", "containerd"})
    void layersPackedWithZstdComeOrTheDaemonSaysWhyNot(String name) throws IOException {
        TinyImage image = TinyImage.ofZstd(registry.host() + "/zstd/" + name + ":1", "zstd " + name);
        registry.serve(image);

        ImageStatus status = keep(name, image.name()).get(0);

        if (name.equals("containerd") || status.state() == State.PRESENT) {
            assertThat(status.state()).as(status.toString()).isEqualTo(State.PRESENT);
        } else {
            assertThat(status.reason()).as(status.toString()).containsIgnoringCase("layer");
        }
    }

    /** 300 kilobytes to download, so nothing speaks against it beforehand; 96 MiB on a disk of 48. */
    @ParameterizedTest
    @ValueSource(strings = {"docker", "containerd"})
    void aDiskThatFillsInTheMiddleLeavesNoHalfImage(String name) throws IOException {
        TinyImage image = TinyImage.ofZeros(registry.host() + "/full/" + name + ":1", 96);
        registry.serve(image);
        Path store = NODE.directory().resolve(name.equals("docker") ? "data" : "containerd");
        String daemon = name.equals("docker") ? "dockerd" : "containerd";
        NODE.stop(daemon);
        NODE.exec("mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", store.toString())
                .succeeded();
        NODE.start(daemon);
        try {
            ImageStatus full = keep(name, image.name()).get(0);
            assertThat(full.state()).isEqualTo(State.FAILED);
            assertThat(full.reason()).contains("no space left on device");
            assertThat(keeper(name, image.name()).held()).isEmpty();

            NODE.exec("mount", "-o", "remount,size=400m", store.toString()).succeeded();
            assertThat(keep(name, image.name())).extracting(ImageStatus::state).containsExactly(State.PRESENT);
        } finally {
            NODE.stop(daemon);
            NODE.exec("umount", "-l", store.toString());
            NODE.start(daemon);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "containerd"})
    void aDaemonThatRestartsDuringAPullIsNoFailureOfTheImage(String name) throws Exception {
        TinyImage image = TinyImage.ofSizes(registry.host() + "/restart/" + name + ":1", 7, 1 << 20, 24 << 20);
        registry.serve(image);
        // Its large layer stands still, so that the daemon surely is in the middle of it.
        registry.fail(
                "/v2/" + image.name().path() + "/blobs/"
                        + image.manifest().layers().get(1).digest(),
                List.of(FaultyRegistry.Fault.STALL));
        CountDownLatch begun = new CountDownLatch(1);
        ImageKeeper keeper = keeper(name, image.name());
        CompletableFuture<List<ImageStatus>> pull = CompletableFuture.supplyAsync(() -> kept(keeper, begun));
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();

        NODE.kill(name.equals("docker") ? "dockerd" : "containerd");
        List<ImageStatus> during = pull.get(2, TimeUnit.MINUTES);
        NODE.start(name.equals("docker") ? "dockerd" : "containerd");

        assertThat(during).extracting(ImageStatus::state).doesNotContain(State.PRESENT);
        assertThat(keep(name, image.name())).extracting(ImageStatus::state).containsExactly(State.PRESENT);
    }

    private static List<ImageStatus> kept(ImageKeeper keeper, CountDownLatch begun) {
        try {
            return keeper.keep(new PullBoard() {
                @Override
                public void progress(String reference, long doneBytes, long totalBytes, String note) {
                    if (doneBytes > 0) {
                        begun.countDown();
                    }
                }

                @Override
                public void ended(ImageStatus status) {}
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Reference named(String name) {
        return Reference.parse(registry.host() + "/" + name);
    }

    private static List<ImageStatus> keep(String runtime, Reference... references) throws IOException {
        return keeper(runtime, references).keep(new PullBoard() {
            @Override
            public void progress(String reference, long doneBytes, long totalBytes, String note) {}

            @Override
            public void ended(ImageStatus status) {}
        });
    }

    private static ImageKeeper keeper(String name, Reference... references) {
        ContainerRuntime runtime = name.equals("docker")
                ? new DockerRuntime(HTTP, NODE.dockerSocket())
                : new CriRuntime(HTTP, NODE.containerdSocket(), new ProcessCommands());
        return ImageKeeper.of(
                        runtime, WantedImages.of(List.of(references), List.of(), Optional.empty()), Clock.systemUTC())
                .as(
                        new Pulls(
                                List.of(),
                                Path.of("/none"),
                                Hold.NONE,
                                100,
                                Optional.empty(),
                                Optional.empty(),
                                100,
                                PATIENCE),
                        true)
                .on(ImageDisk.at(
                        () -> Optional.of(NODE.directory().resolve(name.equals("docker") ? "data" : "containerd"))))
                .lookingFirst(new Prospects(
                        new RegistryContent(HTTP, Clock.systemUTC(), LoginMemory.NONE),
                        OddImagesIT::registry,
                        Platform.ofThisNode()))
                .build();
    }

    private static Registry registry(RegistryHost host) {
        try {
            return Registry.trusting(host, registry.caPem().getBytes(StandardCharsets.US_ASCII), Optional.empty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
