package io.farrier.agent;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.farrier.collector.Collector;
import io.farrier.config.CollectorConfig;
import io.farrier.config.FarrierConfig;
import io.farrier.config.FarrierConfig.CollectorLink;
import io.farrier.logs.CheckpointFile;
import io.farrier.logs.journal.Journal;
import io.farrier.logs.journal.JournalUnits;
import io.farrier.node.NodeFiles;
import io.farrier.node.PauseFile;
import io.farrier.node.SafeModeFile;
import io.farrier.sample.ContainerSample;
import io.farrier.sample.NodeSample;
import io.farrier.secret.Secret;
import io.farrier.spool.DiskSpool;
import io.farrier.testing.Configurations;
import io.farrier.testing.DockerLogs;
import io.farrier.testing.FakeRuntime;
import io.farrier.testing.IdleWork;
import io.farrier.testing.WrittenJournal;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent and the collector as they are, over TLS, in one process: what one writes the other has, once. */
class AgentAndCollectorTest {
    private static final Pattern NUMBER = Pattern.compile("line (\\d+)\\b");
    private static final int LINES = 3_000;
    private static final int SECRETS = 1_000;
    private static final List<String> LEAKS = List.of(
            "db password=%s failed",
            "Authorization: Bearer %s", "k3s agent --token %s --debug", "pull https://robot:%s@registry.example/v2/");

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final FakeRuntime runtime = new FakeRuntime();
    private DockerLogs docker;
    private Optional<String> pin = Optional.empty();
    private int port;
    private @Nullable Collector collector;
    private @Nullable Agent agent;
    private @Nullable WrittenJournal journal;

    @BeforeEach
    void collect() throws Exception {
        docker = new DockerLogs(folder.resolve("docker"));
        Files.createDirectories(folder.resolve("agent"));
        startCollector();
    }

    @AfterEach
    void stop() throws Exception {
        stopAgent();
        stopCollector();
        wait(vertx.close());
    }

    @Test
    void eachLineIsStoredOnceThoughBothSidesAreStoppedWhileItFlows() throws Exception {
        ContainerSample etcd = docker.create("etcd");
        ContainerSample kubelet = docker.create("kubelet");
        runtime.runs(docker.table());
        startAgent();
        for (int written = 0; written < LINES; written += 100) {
            for (int i = 0; i < 50; i++) {
                docker.write(etcd);
                docker.write(kubelet);
            }
            // What is rotated beyond the last file while nobody looks is gone: not what is tested here.
            if (written % 1000 == 500) {
                docker.rotate(etcd, 10);
            }
            if (written == 800) {
                stopCollector();
            } else if (written == 1500) {
                stopAgent();
                startAgent();
            } else if (written == 2000) {
                startCollector();
            } else if (written == 2400) {
                awaitStored(100);
                stopAgent();
                startAgent();
            }
        }

        awaitStored(LINES);
        assertThat(stored()).isEqualTo(IntStream.rangeClosed(1, LINES).boxed().toList());
    }

    @Test
    void whatTheJournalHasOfAUnitIsStoredOnceAndItsFilesAreGivenBack() throws Exception {
        long now = TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
        WrittenJournal entries = new WrittenJournal(folder.resolve("journal"), now);
        journal = entries;
        say(entries, 1, 1000);
        startAgent();
        awaitStored(1000);
        stopCollector();
        say(entries, 1001, 2000);
        await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(unitLog(".1")));
        stopAgent();
        say(entries, 2001, LINES);
        startAgent();
        startCollector();

        awaitStored(LINES);
        assertThat(stored()).isEqualTo(IntStream.rangeClosed(1, LINES).boxed().toList());
        assertThat(get("/api/logs?node=n1&container=k3s.service&q=line+1+of&limit=1"))
                .contains("\"stream\":\"stdout\"", "\"time\":\"20");
        await().atMost(Duration.ofSeconds(60))
                .until(() -> !Files.exists(unitLog(".1")) && !Files.exists(unitLog(".2")));
    }

    private Path unitLog(String suffix) {
        return folder.resolve("agent/units/k3s.service.log" + suffix);
    }

    private static void say(WrittenJournal journal, int from, int to) {
        IntStream.rangeClosed(from, to)
                .forEach(i -> journal.said("k3s.service", "line " + i + " of k3s " + ".".repeat(1000)));
        journal.write("system");
    }

    @Test
    void theNodeIsShownWithItsContainers() throws Exception {
        docker.create("etcd");
        runtime.runs(docker.table());
        startAgent();

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(get("/api/containers?node=n1")).contains("\"etcd\""));
    }

    @Test
    void thePinThatTheCollectorNamesIsOneThatTheAgentTakes() throws Exception {
        pin = Optional.of(Objects.requireNonNull(collector).pin());
        docker.create("etcd");
        runtime.runs(docker.table());
        startAgent();

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(get("/api/containers?node=n1")).contains("\"etcd\""));
    }

    @Test
    void ofAThousandSecretsNoneIsInAnythingThatEitherSideKeepsOrAnswers() throws Exception {
        ContainerSample etcd = docker.create("etcd");
        runtime.runs(docker.table());
        List<String> secrets = new ArrayList<>();
        Random random = new Random(11);
        for (int i = 1; i <= SECRETS; i++) {
            String secret = HexFormat.of().toHexDigits(random.nextLong()) + "+" + i;
            secrets.add(secret);
            docker.append(
                    etcd,
                    "{\"log\":\"line " + i + " " + String.format(LEAKS.get(i % LEAKS.size()), secret)
                            + "\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-20T12:00:00.1Z\"}\n");
        }
        startAgent();
        awaitStored(SECRETS);

        // What the store keeps compressed the API gives back as it is.
        assertThat(leaksIn(get("/api/logs?node=n1&limit=5000").getBytes(UTF_8), secrets))
                .isEmpty();
        assertThat(leaksIn(get("/api/nodes/n1").getBytes(UTF_8), secrets)).isEmpty();
        stopAgent();
        stopCollector();
        for (String side : List.of("agent", "collector")) {
            try (Stream<Path> files = Files.walk(folder.resolve(side))) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    assertThat(leaksIn(Files.readAllBytes(file), secrets))
                            .as(file.toString())
                            .isEmpty();
                }
            }
        }
    }

    /** As they are, in base64 wherever they begin in a group of three, and URL-encoded. */
    private static List<String> leaksIn(byte[] kept, List<String> secrets) {
        String text = new String(kept, ISO_8859_1);
        List<String> leaks = new ArrayList<>();
        for (String secret : secrets) {
            List<String> forms = new ArrayList<>(List.of(secret, URLEncoder.encode(secret, UTF_8)));
            for (int skip = 0; skip < 3; skip++) {
                byte[] rest = secret.substring(skip).getBytes(UTF_8);
                forms.add(
                        Base64.getEncoder().withoutPadding().encodeToString(Arrays.copyOf(rest, rest.length / 3 * 3)));
            }
            forms.stream().filter(text::contains).forEach(leaks::add);
        }
        return leaks;
    }

    private void awaitStored(int lines) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(() -> assertThat(stored()).hasSizeGreaterThanOrEqualTo(lines));
    }

    private List<Integer> stored() throws Exception {
        List<Integer> numbers = new ArrayList<>();
        Matcher number = NUMBER.matcher(get("/api/logs?node=n1&limit=5000"));
        while (number.find()) {
            numbers.add(Integer.valueOf(number.group(1)));
        }
        return numbers.stream().sorted().toList();
    }

    private String get(String path) throws Exception {
        RequestOptions request = new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setHost("127.0.0.1")
                .setPort(port)
                .setSsl(true)
                .setURI(path)
                .putHeader("Authorization", "Bearer " + read("viewer.token"));
        var client = vertx.createHttpClient(
                new io.vertx.core.http.HttpClientOptions().setTrustAll(true).setVerifyHost(false));
        try {
            return wait(client.request(request)
                    .compose(asked -> asked.send())
                    .compose(answer -> answer.body())
                    .map(Buffer::toString));
        } finally {
            client.close();
        }
    }

    private void startCollector() throws Exception {
        collector = wait(Collector.start(
                vertx,
                new CollectorConfig(
                        new CollectorConfig.Listen("127.0.0.1", port),
                        List.of(),
                        folder.resolve("collector"),
                        folder.resolve("packages"),
                        new CollectorConfig.Retention(7, 1L << 30),
                        CollectorConfig.Lines.DEFAULT,
                        Optional.empty()),
                Clock.systemUTC()));
        port = collector.port();
    }

    private void stopCollector() throws Exception {
        if (collector != null) {
            wait(collector.close());
            collector = null;
        }
    }

    private void startAgent() throws IOException {
        Path state = folder.resolve("agent");
        FarrierConfig config = config(state);
        Agent made = new Agent(new Agent.Parts(
                new Identity("0.1.0", "Debian", "6.1", "boot"),
                config,
                new IdleWork(config, new NodeSample(1, 0, 0, 0, 0, 1, 1, 0, 0, 1, List.of())),
                new PauseFile(NodeFiles.below(folder), Clock.systemUTC()),
                new SafeModeFile(NodeFiles.below(folder), Path.of("/")),
                runtime,
                DiskSpool.open(state, DiskSpool.DEFAULT_BYTES, new Random()),
                new CheckpointFile(state),
                vertx,
                new Random(),
                Clock.systemUTC(),
                System::nanoTime,
                () -> false,
                journal == null ? Optional.empty() : Optional.of(units(state, journal)),
                Optional.empty()));
        agent = made;
        made.start();
    }

    private static JournalUnits units(Path state, WrittenJournal journal) throws IOException {
        return JournalUnits.open(
                Journal.in(journal.folder()),
                List.of("k3s.service"),
                state.resolve("units"),
                System::nanoTime,
                Clock.systemUTC());
    }

    private void stopAgent() throws IOException {
        if (agent != null) {
            agent.close();
            agent = null;
        }
    }

    private FarrierConfig config(Path state) throws IOException {
        CollectorLink link = new CollectorLink(
                URI.create("wss://127.0.0.1:" + port + "/feed"),
                pin.isPresent()
                        ? Optional.empty()
                        : Optional.of(Files.readAllBytes(folder.resolve("collector/ca.crt"))),
                pin,
                Secret.of(read("agent.token")));
        return Configurations.shipping(state, link, 1 << 30);
    }

    private String read(String secret) throws IOException {
        return Files.readString(folder.resolve("collector").resolve(secret)).strip();
    }

    private static <T> T wait(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
}
