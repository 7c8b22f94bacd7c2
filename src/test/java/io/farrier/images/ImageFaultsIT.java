package io.farrier.images;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.config.FarrierConfig;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Platform;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
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
import io.farrier.testing.FaultyRegistry.Fault;
import io.farrier.testing.PracticeNode;
import io.farrier.testing.TinyImage;
import io.farrier.transport.Http;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pulls of real runtimes from a registry that goes wrong: whatever happens within the number of tries, all images are
 * there in the end and are the right ones; what is broken for good ends with its reason and stops nothing else. Seeded:
 * {@code -Dfarrier.faults.runs=1000} is the long form, {@code -Dfarrier.faults.first=17} begins at another seed.
 */
final class ImageFaultsIT {
    @RegisterExtension
    static final PracticeNode NODE = PracticeNode.named("image-faults")
            .runtime("docker+containerd")
            // dockerd's own retries take 5, 10, 15 s each; farrier's are what is tried here.
            // Seeds run side by side, and a layer that stands still must not keep those of others waiting.
            .daemonJson("{\"max-download-attempts\": 1, \"max-concurrent-downloads\": 64}");

    private static final int RUNS = Integer.getInteger("farrier.faults.runs", 20);
    private static final int FIRST = Integer.getInteger("farrier.faults.first", 1);
    private static final Duration PATIENCE = Duration.ofSeconds(4);
    private static final int IMAGES = 3;
    /** Most of a run is waiting. */
    private static final int SIDE_BY_SIDE = 4;
    /** One less than the tries there are: within it every image must arrive. */
    private static final int MAX_FAULTS = 4;

    private static final Vertx VERTX = Vertx.vertx();
    private static final Http HTTP = new Http(VERTX);
    private static final Set<Fault> MET = EnumSet.noneOf(Fault.class);
    private static final ExecutorService POOL = Executors.newFixedThreadPool(SIDE_BY_SIDE);
    private static final Map<Integer, Future<Run>> RUNNING = new ConcurrentHashMap<>();
    private static final Duration RUN_DEADLINE = Duration.ofMinutes(5);
    private static FaultyRegistry faulty;
    private static ContainerRuntime docker;
    private static ContainerRuntime containerd;

    @BeforeAll
    static void start() throws Exception {
        faulty = new FaultyRegistry(NODE.hostAddress());
        docker = new DockerRuntime(HTTP, NODE.dockerSocket());
        containerd = new CriRuntime(HTTP, NODE.containerdSocket(), new ProcessCommands());
        for (String folder : List.of("/etc/docker/certs.d", "/etc/containerd/certs.d")) {
            Path host = Files.createDirectories(NODE.file(folder).resolve(faulty.host()));
            Files.writeString(host.resolve("ca.crt"), faulty.caPem());
        }
        Files.writeString(
                NODE.file("/etc/containerd/certs.d").resolve(faulty.host()).resolve("hosts.toml"),
                "server = \"https://" + faulty.host() + "\"\nca = \"/etc/containerd/certs.d/" + faulty.host()
                        + "/ca.crt\"\n",
                StandardOpenOption.CREATE);
        warmUp();
        seeds().forEach(seed -> RUNNING.put(seed, POOL.submit(() -> run(seed))));
    }

    /** Without a fault: what this process does for the first time is slow, and would count as a registry's silence. */
    private static void warmUp() throws IOException {
        TinyImage image = TinyImage.of(faulty.host() + "/warm/up:1", "warm");
        faulty.serve(image);
        for (ContainerRuntime runtime : List.of(docker, containerd)) {
            keeper(runtime, Set.of(image.name())).keep(new Silence());
        }
    }

    @AfterAll
    static void close() throws Exception {
        POOL.shutdownNow();
        docker.close();
        containerd.close();
        faulty.close();
        HTTP.close();
        VERTX.close();
    }

    static Stream<Integer> seeds() {
        return IntStream.range(FIRST, FIRST + RUNS).boxed();
    }

    private record Run(Map<Reference, Expected> expected, List<ImageStatus> statuses) {}

    /** Runs of even seeds are Docker's, the others containerd's. */
    private static Run run(int seed) throws IOException {
        Random random = new Random(seed);
        Map<Reference, Expected> expected = new LinkedHashMap<>();
        for (int i = 0; i < IMAGES; i++) {
            TinyImage image = TinyImage.of(
                    faulty.host() + "/run" + seed + "/image" + i + ":1",
                    "shared by run " + seed,
                    "own " + seed + "." + i);
            faulty.serve(image);
            expected.put(image.name(), spoil(image, random));
        }

        ContainerRuntime runtime = seed % 2 == 0 ? docker : containerd;
        List<ImageStatus> statuses = keeper(runtime, expected.keySet()).keep(new Silence());
        // Three thousand images would make the daemons slower than this test's patience.
        for (Reference reference : expected.keySet()) {
            runtime.remove(reference);
        }
        return new Run(expected, statuses);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void allImagesArriveOrSayWhyNot(int seed) throws Exception {
        Run run = RUNNING.get(seed).get(RUN_DEADLINE.toSeconds(), TimeUnit.SECONDS);

        MET.addAll(faulty.happened());
        assertThat(run.statuses()).hasSize(IMAGES).allSatisfy(status -> {
            Expected of = run.expected().get(Reference.parse(status.reference()));
            if (of.broken()) {
                assertThat(status.state()).as(status.toString()).isEqualTo(State.FAILED);
                assertThat(status.reason())
                        .containsPattern("(?i)digest|verification|unexpected commit|size|not found|unknown");
            } else {
                assertThat(status.state()).as(status.toString()).isEqualTo(State.PRESENT);
                assertThat(status.digest()).contains(of.digest().value());
            }
        });
    }

    /**
     * A layer of the right digest, of which the manifest says another size. containerd and farrier refuse it; dockerd looks
     * at the digest alone.
     */
    @ParameterizedTest
    @ValueSource(longs = {-1, 1, 1L << 40})
    void aRegistryThatLiesAboutASizeIsNotBelieved(long more, @TempDir Path folder) throws IOException {
        TinyImage image = TinyImage.of(faulty.host() + "/lies/size" + Long.toHexString(more) + ":1", "honest");
        faulty.serve(image);
        long size = image.manifest().layers().get(0).size();
        String lie = new String(image.manifest().bytes(), US_ASCII)
                .replace("\"size\":" + size + "}]", "\"size\":" + (size + more) + "}]");
        faulty.serveManifest(image.name().path(), "1", image.manifest().mediaType(), lie.getBytes(US_ASCII));

        assertThat(keeper(containerd, Set.of(image.name())).keep(new Silence()))
                .singleElement()
                .satisfies(status -> {
                    assertThat(status.state()).isEqualTo(State.FAILED);
                    assertThat(status.reason()).containsPattern("size");
                });
        ArchiveSaver saver = new ArchiveSaver(
                new RegistryContent(HTTP, Clock.systemUTC(), LoginMemory.NONE, PATIENCE),
                ImageFaultsIT::registry,
                Platform.ofThisNode(),
                new Pauses(new Random(), ImageFaultsIT::shortly));
        Path target = folder.resolve("lies.tar");
        assertThat(refusal(saver, image.name(), target))
                .contains(image.manifest().layers().get(0).digest());
        assertThat(target).doesNotExist();
    }

    /** Before it has begun to write, or after. */
    private static String refusal(ArchiveSaver saver, Reference reference, Path target) {
        try {
            return saver.save(List.of(reference), Optional.empty(), target, (bytes, of) -> {})
                    .failures()
                    .toString();
        } catch (IOException whileWriting) {
            return String.valueOf(whileWriting.getMessage());
        }
    }

    private record Expected(ManifestDigest digest, boolean broken) {}

    /** One in six is broken for good, in a layer of its own. */
    private static Expected spoil(TinyImage image, Random random) {
        String path = "/v2/" + image.name().path();
        ManifestDigest digest = image.manifest().digest();
        String own = path + "/blobs/" + image.manifest().layers().get(1).digest();
        if (random.nextInt(6) == 0) {
            faulty.failForEver(own, random.nextBoolean() ? Fault.WRONG_BYTES : Fault.MISSING);
            return new Expected(digest, true);
        }
        List<String> parts = List.of(
                path + "/manifests/1",
                path + "/manifests/" + digest,
                path + "/blobs/" + image.manifest().config().orElseThrow().digest(),
                own);
        List<Fault> passing = List.of(
                Fault.TOO_MANY_REQUESTS,
                Fault.ERROR_500,
                Fault.RESET,
                Fault.STALL,
                Fault.TRUNCATED,
                Fault.WRONG_BYTES,
                Fault.EXPIRED_TOKEN);
        for (int i = random.nextInt(MAX_FAULTS + 1); i > 0; i--) {
            faulty.fail(parts.get(random.nextInt(parts.size())), List.of(passing.get(random.nextInt(passing.size()))));
        }
        return new Expected(digest, false);
    }

    private static ImageKeeper keeper(ContainerRuntime runtime, Set<Reference> references) {
        return ImageKeeper.of(
                        runtime,
                        WantedImages.of(new ArrayList<>(references), List.of(), Optional.empty()),
                        Clock.systemUTC())
                .as(pulls(), true)
                .at(IMAGES)
                .lookingFirst(new Prospects(
                        new RegistryContent(HTTP, Clock.systemUTC(), LoginMemory.NONE, PATIENCE),
                        ImageFaultsIT::registry,
                        Platform.ofThisNode()))
                .pausing(new Pauses(new Random(), ImageFaultsIT::shortly))
                .build();
    }

    private static FarrierConfig.Pulls pulls() {
        return new FarrierConfig.Pulls(
                List.of(),
                Path.of("/none"),
                FarrierConfig.Hold.NONE,
                100,
                Optional.empty(),
                Optional.empty(),
                10_000,
                PATIENCE);
    }

    /** A tenth of the real pauses. */
    private static void shortly(Duration pause) throws InterruptedException {
        new CountDownLatch(1).await(pause.toMillis() / 10, TimeUnit.MILLISECONDS);
    }

    private static Registry registry(RegistryHost host) {
        try {
            return Registry.trusting(host, faulty.caPem().getBytes(US_ASCII), Optional.empty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A sample that met no fault would prove nothing. */
    @AfterAll
    static void allKindsOfFaultsHappened() {
        if (RUNS >= 20) {
            assertThat(new HashSet<>(MET)).hasSizeGreaterThanOrEqualTo(6);
        }
    }

    private static final class Silence implements PullBoard {
        @Override
        public void progress(String reference, long doneBytes, long totalBytes, String note) {}

        @Override
        public void ended(ImageStatus status) {}
    }
}
