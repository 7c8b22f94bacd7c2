package io.farrier.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.secret.Secret;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.TrustOptions;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * This node asks a collector to let it in, once: a join token for the token that it feeds with. The collector is known by
 * the SHA-256 of its certificate before it is told anything.
 */
public final class JoinRequest {
    private static final Duration ANSWER_DEADLINE = Duration.ofSeconds(30);
    private static final int MAX_ANSWER_BYTES = 16 << 10;
    private static final int DEFAULT_PORT = 443;
    private static final int OK = 200;
    private static final int ACCEPTED = 202;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI collector;
    private final String sha256;
    private final String node;
    private final Path stateDir;

    /**
     * @param collector {@code https://host:port}
     * @param sha256 of its certificate or its CA's, lower-case hex
     * @param stateDir where the node's own key is, or is made
     */
    public JoinRequest(URI collector, String sha256, String node, Path stateDir) {
        this.collector = collector;
        this.sha256 = sha256;
        this.node = node;
        this.stateDir = stateDir;
    }

    /**
     * @return the token for the feed; empty when the collector's operator has to say yes first
     * @throws JoinRefusedException when asking again would change nothing
     * @throws IOException when the collector could not be reached, or did not answer as one
     */
    public Optional<Secret> send(Vertx vertx, Secret joinToken) throws IOException {
        Answer answer = ask(vertx, joinToken);
        if (answer.status == OK) {
            return Optional.of(tokenOf(answer));
        }
        if (answer.status == ACCEPTED) {
            return Optional.empty();
        }
        String said = answer.body.toString().strip();
        String sentence = "The collector " + collector + " answered " + answer.status + ": "
                + (said.isEmpty() ? "no word why" : said);
        throw answer.status >= 500 || answer.status == 429
                ? new IOException(sentence)
                : new JoinRefusedException(sentence);
    }

    /** A whole answer. */
    private record Answer(int status, Buffer body) {}

    private Answer ask(Vertx vertx, Secret joinToken) throws IOException {
        HttpClientAgent client = vertx.createHttpClient(new HttpClientOptions()
                .setSsl(true)
                .setTrustOptions(TrustOptions.wrap(new CollectorTrust(sha256)))
                .setConnectTimeout((int) ANSWER_DEADLINE.toMillis()));
        RequestOptions target = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setHost(collector.getHost())
                .setPort(collector.getPort() > 0 ? collector.getPort() : DEFAULT_PORT)
                .setURI("/join")
                .putHeader("Authorization", "Bearer " + joinToken.reveal())
                .putHeader(NodeKey.HEADER, NodeKey.readOrMake(stateDir).reveal())
                .putHeader("Content-Type", "application/json");
        Buffer body = Buffer.buffer(JSON.createObjectNode().put("node", node).toString());
        try {
            return await(client.request(target)
                    .compose(request -> exchange(request, body))
                    .eventually(client::close));
        } catch (ExecutionException failed) {
            String saw = String.valueOf(failed.getCause() == null ? failed : failed.getCause());
            throw new IOException("Tried to reach the collector " + collector + " but: " + saw, failed);
        }
    }

    private static Future<Answer> exchange(HttpClientRequest request, Buffer body) {
        return request.send(body)
                .compose(response -> bounded(response)
                        .compose(whole -> Future.succeededFuture(new Answer(response.statusCode(), whole))));
    }

    private static Future<Buffer> bounded(HttpClientResponse response) {
        String length = response.getHeader("Content-Length");
        if (length == null || length.length() > 6 || Integer.parseInt(length) > MAX_ANSWER_BYTES) {
            return response.request()
                    .connection()
                    .close()
                    .compose(closed -> Future.failedFuture(new IOException("its answer is no collector's")));
        }
        return response.body();
    }

    private Answer await(Future<Answer> answer) throws IOException, ExecutionException {
        try {
            return answer.toCompletionStage().toCompletableFuture().get(ANSWER_DEADLINE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException silent) {
            throw new IOException(
                    "Tried to reach the collector " + collector + " but it was silent for "
                            + ANSWER_DEADLINE.toSeconds() + " s.",
                    silent);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("Stopped while waiting for the collector " + collector + ".");
        }
    }

    private Secret tokenOf(Answer answer) throws IOException {
        try {
            String token = JSON.readTree(answer.body.getBytes()).path("token").asText();
            if (!token.matches("[!-~]{16,256}")) {
                throw new IOException("The collector " + collector + " sent no token that could be used.");
            }
            return Secret.of(token);
        } catch (JsonProcessingException notJson) {
            // Not its words: they may hold the token.
            throw new IOException("The collector " + collector + " sent an answer that is not JSON.");
        }
    }
}
