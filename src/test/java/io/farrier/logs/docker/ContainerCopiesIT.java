package io.farrier.logs.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;
import static org.awaitility.Awaitility.await;

import io.farrier.logs.copied.CopiedFiles;
import io.farrier.logs.copied.Loss;
import io.farrier.runtime.docker.DockerRuntime;
import io.farrier.testing.PracticeNode;
import io.farrier.transport.Http;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Against a real dockerd: what a copy does when its files are full, when Docker forgets and when Docker is away. */
final class ContainerCopiesIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String PAD = ".".repeat(200);

    @RegisterExtension
    static final PracticeNode NODE = PracticeNode.named("copies")
            .suite(System.getProperty("farrier.suite", "host"))
            .daemonJson("{\"live-restore\": true}");

    private static final Vertx VERTX = Vertx.vertx();
    private static final Http HTTP = new Http(VERTX);
    private static DockerRuntime runtime;

    @TempDir
    Path folder;

    private final List<String> containers = new ArrayList<>();
    private ContainerCopies copies;

    @BeforeAll
    static void open() {
        runtime = new DockerRuntime(HTTP, NODE.dockerSocket());
    }

    @AfterAll
    static void close() {
        runtime.close();
        HTTP.close();
        VERTX.close();
    }

    @AfterEach
    void end() throws IOException {
        if (copies != null) {
            copies.close();
        }
        containers.forEach(name -> NODE.docker("rm", "-f", name).succeeded());
    }

    @Test
    void dockerWaitsWhileTheFilesAreFullAndGoesOnWhenTheCollectorHasThem() throws Exception {
        int lines = 20_000;
        String id = run("chatty", lines);
        start(2 << 20);
        await().atMost(PATIENCE).until(() -> turned().status().isFull());
        for (int i = 0; i < 50; i++) {
            copies.turn();
        }
        assertThat(copies.status().bytes()).as("one turn beyond it at most").isLessThan(3 << 20);

        List<String> seen = new ArrayList<>();
        await().atMost(PATIENCE).until(() -> {
            turned();
            seen.addAll(takeRotated(id));
            return seen.size() + texts(copies.logs().get(id)).size() == lines;
        });
        seen.addAll(texts(copies.logs().get(id)));

        assertThat(seen).containsExactlyElementsOf(numbered(lines));
        assertThat(copies.losses()).isEmpty();
    }

    @Test
    void whatDockerForgotWhileNobodyReadIsDeclaredUntilItWasTold() throws Exception {
        Path signs = Files.createDirectories(NODE.directory().resolve("signs"));
        String id = start(
                "forgetful",
                "echo line 0; until [ -e /go/now ]; do usleep 10000; done; " + counting(20_000),
                "-v",
                signs + ":/go",
                "--log-opt",
                "max-size=50k",
                "--log-opt",
                "max-file=2");
        start(CopiedFiles.MAX_BYTES);
        await().atMost(PATIENCE).until(() -> !texts(turned().logs().get(id)).isEmpty());
        copies.close();
        Files.createFile(signs.resolve("now"));
        NODE.docker("wait", "forgetful").succeeded();

        start(CopiedFiles.MAX_BYTES);
        await().atMost(PATIENCE).until(() -> texts(turned().logs().get(id)).contains("line 20000 " + PAD));
        assertThat(copies.losses())
                .extracting(Loss::log, Loss::reason)
                .containsExactly(tuple(
                        id,
                        "Docker no longer has the last line that was read of it, nor perhaps others that followed"));
        assertThat(texts(copies.logs().get(id))).doesNotHaveDuplicates();

        copies.close();
        start(CopiedFiles.MAX_BYTES);
        assertThat(copies.losses()).isNotEmpty();
        copies.told(copies.losses());
        assertThat(copies.losses()).isEmpty();
        copies.close();
        start(CopiedFiles.MAX_BYTES);
        assertThat(copies.losses()).isEmpty();
    }

    @Test
    void aDockerThatIsAwayIsSaidAndReadOnBehindTheLastLine() throws Exception {
        String id = run("patient", 200);
        String slow = slow("ticking", 400);
        start(CopiedFiles.MAX_BYTES);
        await().atMost(PATIENCE)
                .until(() -> texts(turned().logs().get(id)).size() == 200
                        && texts(copies.logs().get(slow)).size() > 20);

        NODE.stop("dockerd");
        await().atMost(PATIENCE).until(() -> turned().status().problem().isPresent());
        NODE.start("dockerd");
        // All that Docker has of it: what dockerd had taken and not written when it ended is nobody's.
        await().atMost(PATIENCE).until(() -> {
            copies.containers(runtime.containers(), Set.of());
            List<String> read = texts(turned().logs().get(slow));
            return !isRunning("ticking") && read.equals(asDockerHasThem("ticking"));
        });

        assertThat(texts(copies.logs().get(slow)))
                .endsWith(numbered(400).get(399))
                .doesNotHaveDuplicates();
        assertThat(texts(copies.logs().get(id))).containsExactlyElementsOf(numbered(200));
        assertThat(copies.status().problem()).isEmpty();
        assertThat(copies.losses()).isEmpty();
    }

    @Test
    void whatIsOutOfScopeLeavesNothingBehind() throws Exception {
        String id = run("private", 100);
        start(CopiedFiles.MAX_BYTES);
        await().atMost(PATIENCE).until(() -> texts(turned().logs().get(id)).size() == 100);

        copies.containers(List.of(), Set.of(id));
        turned();

        assertThat(copies.logs()).isEmpty();
        assertThat(files()).isEmpty();
    }

    private String run(String name, int lines, String... options) {
        return start(name, counting(lines), options);
    }

    private static String counting(int lines) {
        return "i=0; while [ $i -lt %d ]; do i=$((i+1)); echo \"line $i %s\"; done".formatted(lines, PAD);
    }

    private String slow(String name, int lines) {
        return start(
                name,
                "i=0; while [ $i -lt %d ]; do i=$((i+1)); echo \"line $i %s\"; usleep 20000; done"
                        .formatted(lines, PAD));
    }

    private String start(String name, String script, String... options) {
        containers.add(name);
        NODE.runScript(
                name,
                script,
                Stream.concat(Stream.of("--log-driver", "local"), Stream.of(options))
                        .toArray(String[]::new));
        return NODE.docker("inspect", "-f", "{{.Id}}", name).succeeded().out().strip();
    }

    private static boolean isRunning(String name) {
        return NODE.docker("inspect", "-f", "{{.State.Running}}", name)
                .out()
                .strip()
                .equals("true");
    }

    private static List<String> asDockerHasThem(String name) {
        return NODE.docker("logs", name).succeeded().out().lines().toList();
    }

    private void start(long maxBytes) throws IOException {
        copies = ContainerCopies.open(
                new DockerLogs(HTTP, () -> Optional.of(NODE.dockerSocket())),
                folder.resolve("copies"),
                maxBytes,
                System::nanoTime,
                Clock.systemUTC());
        copies.containers(runtime.containers(), Set.of());
    }

    private ContainerCopies turned() {
        copies.turn();
        return copies;
    }

    private static List<String> numbered(int lines) {
        return IntStream.rangeClosed(1, lines)
                .mapToObj(i -> "line " + i + " " + PAD)
                .toList();
    }

    /** What the collector has of the rotated files, which are then not needed any more. */
    private List<String> takeRotated(String id) throws IOException {
        List<String> taken = new ArrayList<>();
        for (int n = 99; n > 0; n--) {
            Path rotated = folder.resolve("copies/" + id + ".log." + n);
            if (Files.exists(rotated)) {
                taken.addAll(texts(rotated));
            }
        }
        copies.delete(any -> true);
        return taken;
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("copies"))) {
            return files.filter(file -> file.toString().contains(".log")).toList();
        }
    }

    private static List<String> texts(Path log) throws IOException {
        if (log == null || !Files.exists(log)) {
            return List.of();
        }
        return Files.readAllLines(log).stream()
                .map(line -> line.split(" ", 4)[3])
                .toList();
    }
}
