package io.farrier.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class HttpTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    private final Vertx vertx = Vertx.vertx();
    private final Http http = new Http(vertx);
    private Path dir;
    private Path socket;

    @BeforeEach
    void makeRoomForASocket() throws IOException {
        dir = Files.createTempDirectory(Path.of("/tmp"), "http"); // a socket's path is 107 bytes at most
        socket = dir.resolve("s");
    }

    @AfterEach
    void close() throws Exception {
        http.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        Files.deleteIfExists(socket);
        Files.deleteIfExists(dir);
    }

    @Test
    void asksOverAUnixSocket() throws Exception {
        Endpoint endpoint = server(r -> r.body()
                .onSuccess(body -> r.response()
                        .setStatusCode(201)
                        .putHeader("Api-Version", "1.41")
                        .end(r.method() + " " + r.uri() + " " + r.getHeader("X-Word") + " " + body)));

        Response response = http.call(
                Request.of("POST", endpoint, "/a?b=c")
                        .withHeaders(Map.of("X-Word", "hello"))
                        .withBody("body".getBytes(UTF_8)),
                DEADLINE);

        assertThat(response.text()).isEqualTo("POST /a?b=c hello body");
        assertThat(response.status()).isEqualTo(201);
        assertThat(response.header("api-version")).contains("1.41");
    }

    @Test
    void saysWhichSocketIsNotThere() {
        Endpoint nowhere = new Endpoint.Unix(dir.resolve("nowhere.sock"));

        assertThatThrownBy(() -> http.call(Request.get(nowhere, "/"), DEADLINE))
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("nowhere.sock");
    }

    @Test
    void meetsARestartedServerAgain() throws Exception {
        HttpServer first = listen(r -> r.response().end("first"));
        Endpoint endpoint = new Endpoint.Unix(socket);
        assertThat(http.call(Request.get(endpoint, "/"), DEADLINE).text()).isEqualTo("first");

        first.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        Files.deleteIfExists(socket);
        listen(r -> r.response().end("second"));

        assertThat(http.call(Request.get(endpoint, "/"), DEADLINE).text()).isEqualTo("second");
    }

    @Test
    void givesUpOnASilentServerAtTheDeadline() throws Exception {
        Endpoint endpoint = server(r -> {});

        assertThatThrownBy(() -> http.call(Request.get(endpoint, "/slow"), Duration.ofMillis(100)))
                .isInstanceOf(SilentPeerException.class)
                .hasMessageContaining("/slow")
                .hasMessageContaining("100 ms");
    }

    @Test
    void givesUpOnAServerThatStopsInTheMiddle() throws Exception {
        Endpoint endpoint = server(r -> r.response().setChunked(true).write("half"));

        assertThatThrownBy(() -> http.call(Request.get(endpoint, "/half"), Duration.ofMillis(200)))
                .isInstanceOf(SilentPeerException.class)
                .hasMessageContaining("was silent");
    }

    @Test
    void refusesABodyBeyondItsBound() throws Exception {
        Endpoint endpoint = server(r -> r.response().end("x".repeat(1001)));

        assertThatThrownBy(() -> http.call(Request.get(endpoint, "/big").withMaxBody(1000), DEADLINE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("more than the 1000 bytes");
    }

    @Test
    void tellsAConnectionThatBrokeFromABodyThatEnded() throws Exception {
        Endpoint endpoint = server(r -> r.response()
                .setChunked(true)
                .write("half")
                .onComplete(v -> r.connection().close()));

        assertThatThrownBy(() -> http.call(Request.get(endpoint, "/"), DEADLINE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("broke off");
    }

    @Test
    void readsAStreamAsItComes() throws Exception {
        CompletableFuture<HttpServerResponse> answer = new CompletableFuture<>();
        Endpoint endpoint = server(r -> {
            r.response().setChunked(true).write("one");
            answer.complete(r.response());
        });

        try (HttpStream stream = http.open(Request.get(endpoint, "/events"))) {
            assertThat(stream.read(DEADLINE))
                    .hasValueSatisfying(chunk -> assertThat(chunk).asString().isEqualTo("one"));
            answer.join().end("two");
            assertThat(stream.read(DEADLINE))
                    .hasValueSatisfying(chunk -> assertThat(chunk).asString().isEqualTo("two"));
            assertThat(stream.read(DEADLINE)).isEmpty();
        }
    }

    @Test
    void makesTheServerWaitForASlowReaderAndLosesNothing() throws Exception {
        long total = 64 * 1024 * 1024;
        AtomicLong written = new AtomicLong();
        Endpoint endpoint = server(r -> pump(r.response().setChunked(true), written, total));

        try (HttpStream stream = http.open(Request.get(endpoint, "/big"))) {
            AtomicLong before = new AtomicLong(-1);
            await().atMost(DEADLINE)
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> before.getAndSet(written.get()) == written.get());
            assertThat(written.get()).isLessThan(total / 4);

            long read = 0;
            for (var chunk = stream.read(DEADLINE); chunk.isPresent(); chunk = stream.read(DEADLINE)) {
                read += chunk.get().length;
            }
            assertThat(read).isEqualTo(total);
        }
    }

    private static void pump(HttpServerResponse response, AtomicLong written, long total) {
        if (response.ended()) {
            // The drain handler is called once more for the last of it.
            return;
        }
        Buffer chunk = Buffer.buffer(new byte[64 * 1024]);
        while (written.get() < total) {
            if (response.writeQueueFull()) {
                response.drainHandler(v -> pump(response, written, total));
                return;
            }
            response.write(chunk);
            written.addAndGet(chunk.length());
        }
        response.end();
    }

    @Test
    void closingWakesTheReaderAndDropsTheConnection() throws Exception {
        AtomicBoolean dropped = new AtomicBoolean();
        Endpoint endpoint = server(r -> {
            r.connection().closeHandler(v -> dropped.set(true));
            r.response().setChunked(true).write("one");
        });
        HttpStream stream = http.open(Request.get(endpoint, "/events"));
        stream.read(DEADLINE);

        CompletableFuture<Void> reading = CompletableFuture.runAsync(
                () -> assertThatThrownBy(() -> stream.read(DEADLINE)).hasMessageContaining("closed"));
        stream.close();

        reading.get(10, TimeUnit.SECONDS);
        await().atMost(DEADLINE).untilTrue(dropped);
    }

    @Test
    void doesNotWaitOnAnEventLoop() throws Exception {
        Endpoint endpoint = server(r -> r.response().end());
        CompletableFuture<Throwable> seen = new CompletableFuture<>();

        vertx.getOrCreateContext().runOnContext(v -> {
            try {
                http.call(Request.get(endpoint, "/"), DEADLINE);
                seen.complete(new AssertionError("it waited"));
            } catch (Throwable e) {
                seen.complete(e);
            }
        });

        assertThat(seen.get(10, TimeUnit.SECONDS))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("event loop");
    }

    private Endpoint server(Handler<HttpServerRequest> handler) throws Exception {
        listen(handler);
        return new Endpoint.Unix(socket);
    }

    private HttpServer listen(Handler<HttpServerRequest> handler) throws Exception {
        return vertx.createHttpServer()
                .requestHandler(handler)
                .listen(SocketAddress.domainSocketAddress(socket.toString()))
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }
}
