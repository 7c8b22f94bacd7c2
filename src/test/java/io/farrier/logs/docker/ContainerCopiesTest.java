package io.farrier.logs.docker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.farrier.sample.ContainerSample;
import io.farrier.testing.CannedServer;
import io.farrier.testing.RunningContainer;
import io.farrier.transport.Http;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a dockerd can be brought to say only by damage. What it says of itself is proven with a real one. */
final class ContainerCopiesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ID = "0123456789abcdef";
    private static final String STAMP = "2026-11-29T08:00:00.00000000";

    private final Vertx vertx = Vertx.vertx();
    private final Http http = new Http(vertx);

    @TempDir
    Path folder;

    private CannedServer dockerd;
    private ContainerCopies copies;
    private volatile byte[] says = new byte[0];
    private volatile int status = 200;
    private volatile boolean isFollowed;
    private final CompletableFuture<HttpServerResponse> following = new CompletableFuture<>();
    private long nanos;

    @BeforeEach
    void start() throws Exception {
        dockerd = CannedServer.onSocket(this::answer);
        copies = ContainerCopies.open(
                new DockerLogs(http, () -> Optional.of(dockerd.socket())),
                folder.resolve("copies"),
                () -> nanos,
                Clock.systemUTC());
    }

    @AfterEach
    void stop() throws Exception {
        copies.close();
        http.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        dockerd.close();
    }

    private void answer(HttpServerRequest request) {
        if (request.path().endsWith("/json")) {
            request.response().end("{\"Config\":{\"Tty\":false}}");
        } else if (isFollowed) {
            HttpServerResponse answer = request.response().setChunked(true);
            answer.writeHead();
            following.complete(answer);
        } else {
            request.response().setStatusCode(status).setChunked(true).end(Buffer.buffer(says));
        }
    }

    @Test
    void whatCameBeforeALogBreaksIsKeptAndNotRepeated() throws IOException {
        says = new DockerStreams()
                .frame(1, STAMP + "1Z one\n")
                .frame(2, STAMP + "2Z two\n")
                .frame(3, "error from daemon in stream: a damaged file\n")
                .bytes();
        seen(ID);
        await().atMost(PATIENCE).until(() -> turned().status().problem().isPresent());
        assertThat(copies.status().problem())
                .hasValueSatisfying(words -> assertThat(words)
                        .contains("dockerd broke off the log: error from daemon in stream: a damaged file"));
        assertThat(lines()).containsExactly(STAMP + "1Z stdout F one", STAMP + "2Z stderr F two");

        says = new DockerStreams()
                .frame(1, STAMP + "1Z one\n")
                .frame(2, STAMP + "2Z two\n")
                .frame(1, STAMP + "3Z three\n")
                .bytes();
        nanos += TimeUnit.MINUTES.toNanos(2);

        await().atMost(PATIENCE).until(() -> !turned().logs().isEmpty() && lines().size() == 3);
        assertThat(lines()).last().isEqualTo(STAMP + "3Z stdout F three");
        assertThat(copies.losses()).isEmpty();
    }

    @Test
    void aContainerThatAlwaysSaysSomethingCostsACommitAMinuteAndIsReadAtOnceAllTheSame() throws Exception {
        isFollowed = true;
        seen(ID);
        await().atMost(PATIENCE).until(() -> turned() != null && following.isDone());
        Path position = folder.resolve("copies/position");
        Object before = Files.getAttribute(position, "unix:ino");
        List<Integer> committedAfter = new ArrayList<>();
        for (int second = 1; second <= 150; second++) {
            int lines = second;
            String line = "2026-11-29T08:%02d:%02d.000000000Z line\n".formatted(second / 60, second % 60);
            following
                    .get()
                    .write(Buffer.buffer(new DockerStreams().frame(1, line).bytes()));
            await().atMost(PATIENCE).until(() -> turned().status().bytes() > 0 && lines().size() == lines);
            nanos += TimeUnit.SECONDS.toNanos(1);
            turned();
            Object now = Files.getAttribute(position, "unix:ino");
            if (!now.equals(before)) {
                committedAfter.add(second);
            }
            before = now;
        }

        assertThat(committedAfter).containsExactly(60, 120);
    }

    @Test
    void aDriverThatKeepsNothingIsNamedAndAskedOnce() {
        status = 501;
        says = "{\"message\":\"configured logging driver does not support reading\"}".getBytes(UTF_8);
        seen(ID);

        await().atMost(PATIENCE).until(() -> turned().unread().equals(Set.of(ID)));
        int asked = dockerd.asked().size();
        nanos += TimeUnit.HOURS.toNanos(1);
        turned();

        assertThat(dockerd.asked()).hasSize(asked);
    }

    @Test
    void anIdThatIsNoneBecomesNoFile() throws IOException {
        seen("../../etc/cron.d/x");
        turned();

        assertThat(copies.logs()).isEmpty();
        assertThat(copies.unread()).containsExactly("../../etc/cron.d/x");
        assertThat(dockerd.asked()).isEmpty();
    }

    @Test
    void moreContainersThanAreFollowedAreNamed() {
        ContainerSample[] many = new ContainerSample[ContainerCopies.MAX_CONTAINERS + 3];
        for (int i = 0; i < many.length; i++) {
            many[i] = container("%016x".formatted(i));
        }
        copies.containers(List.of(many), Set.of());
        turned();

        assertThat(copies.logs()).hasSize(ContainerCopies.MAX_CONTAINERS);
        assertThat(copies.unread()).hasSize(3);
    }

    private void seen(String id) {
        copies.containers(List.of(container(id)), Set.of());
    }

    private static ContainerSample container(String id) {
        return RunningContainer.of(id, "etcd", "image:1", null, "etcd", null);
    }

    private ContainerCopies turned() {
        copies.turn();
        return copies;
    }

    private List<String> lines() throws IOException {
        Path log = folder.resolve("copies/" + ID + ".log");
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }
}
