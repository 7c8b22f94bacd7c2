package io.farrier.collector;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.collector.identity.Invitation;
import io.farrier.collector.identity.Joins;
import io.farrier.feed.Frame.Hello;
import io.farrier.feed.FrameCodec;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code POST /join}, and whom the token that it buys speaks for. */
final class JoinDoorTest {
    private static final String KEY = "the-key-of-worker-1";
    private static final int DEADLINE_SECONDS = 60;

    @TempDir
    Path folder;

    private final Vertx vertx = Vertx.vertx();
    private RunningCollector collector;
    private String joinToken;

    @BeforeEach
    void start() throws Exception {
        collector = new RunningCollector(folder.resolve("state"));
        joinToken = Joins.open(collector.folder, new SecureRandom(), collector.clock)
                .invite(new Invitation.Terms(Duration.ofHours(1), 1, "*", Optional.empty(), false))
                .token()
                .reveal();
    }

    @AfterEach
    void stop() throws Exception {
        collector.close();
        RunningCollector.await(vertx.close());
    }

    @Test
    void aNodeFeedsUnderTheNameThatItJoinedByAndNoOther() throws Exception {
        String own = new ObjectMapper()
                .readTree(join(joinToken, "worker-1").body())
                .path("token")
                .asText();

        assertThat(greet(own, "server-1"))
                .isEqualTo("closed: this node joined by another name than the one it says now");
        assertThat(greet(own, "worker-1")).isEqualTo("welcome");
        assertThat(collector.status(collector.request("/api/nodes").header("Authorization", "Bearer " + own)))
                .as("what is on a node reads nothing")
                .isEqualTo(401);
    }

    @Test
    void noOtherSecretJoins() throws Exception {
        assertThat(join("not-a-join-token-at-all", "worker-1").statusCode()).isEqualTo(401);
        assertThat(join(collector.agentToken(), "worker-1").statusCode()).isEqualTo(401);
        assertThat(join(collector.viewerToken(), "worker-1").statusCode()).isEqualTo(401);
        assertThat(join(joinToken, "no/name").statusCode()).isEqualTo(400);
        assertThat(join(joinToken, "worker-1").statusCode()).isEqualTo(200);
        assertThat(join(joinToken, "worker-2").statusCode()).isEqualTo(403);
    }

    @Test
    void guessingIsStopped() throws Exception {
        for (int i = 0; i < 10; i++) {
            assertThat(join("a-guess-that-is-wrong-" + i, "worker-1").statusCode())
                    .isEqualTo(401);
        }
        assertThat(join(joinToken, "worker-1").statusCode()).isEqualTo(429);
        collector.clock.advance(Duration.ofMinutes(2));
        assertThat(join(joinToken, "worker-1").statusCode()).isEqualTo(200);
    }

    @Test
    void aBodyThatIsTooLargeIsNotRead() throws Exception {
        assertThat(join(joinToken, "x".repeat(5000)).statusCode()).isEqualTo(413);
    }

    private HttpResponse<String> join(String token, String node) throws Exception {
        return collector.send(collector
                .request("/join")
                .header("Authorization", "Bearer " + token)
                .header("Farrier-Node-Key", KEY)
                .POST(HttpRequest.BodyPublishers.ofString("{\"node\": \"" + node + "\"}")));
    }

    /** What comes back on a new feed: {@code welcome}, or why it was closed. */
    private String greet(String token, String node) throws Exception {
        WebSocketClient client = vertx.createWebSocketClient(new WebSocketClientOptions()
                .setSsl(true)
                .setTrustOptions(
                        new PemTrustOptions().addCertPath(collector.ca().toString())));
        WebSocket socket = RunningCollector.await(client.connect(new WebSocketConnectOptions()
                .setAbsoluteURI(collector.feed())
                .putHeader("Authorization", "Bearer " + token)
                .putHeader("Farrier-Node-Key", KEY)));
        CompletableFuture<String> answer = new CompletableFuture<>();
        socket.binaryMessageHandler(message -> answer.complete("welcome"));
        socket.closeHandler(closed -> answer.complete("closed: " + socket.closeReason()));
        ByteBuffer hello = FrameCodec.encode(new Hello(1, node, "test", "b", List.of(), Map.of()));
        byte[] bytes = new byte[hello.remaining()];
        hello.get(bytes);
        RunningCollector.await(socket.writeBinaryMessage(Buffer.buffer(bytes)));
        return answer.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }
}
