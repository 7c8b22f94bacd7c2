package io.farrier.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a collector has of node {@code n1}, as its API answers. */
final class StoredLines implements AutoCloseable {
    private static final Pattern NUMBER = Pattern.compile("line (\\d+)\\b");

    /** The most that the API gives at once. */
    static final int MAX_LINES = 5000;

    private final HttpClientAgent client;
    private final Path collectorState;

    StoredLines(Vertx vertx, Path collectorState) {
        this.client = vertx.createHttpClient(
                new HttpClientOptions().setSsl(true).setTrustAll(true).setVerifyHost(false));
        this.collectorState = collectorState;
    }

    /** The numbers of all {@code line N}, in order; one that is there twice is in it twice. */
    List<Integer> numbers(int port) {
        List<Integer> numbers = new ArrayList<>();
        for (String text : texts(port)) {
            Matcher number = NUMBER.matcher(text);
            if (number.find()) {
                numbers.add(Integer.valueOf(number.group(1)));
            }
        }
        return numbers.stream().sorted().toList();
    }

    List<String> texts(int port) {
        List<String> texts = new ArrayList<>();
        get(port, "/api/logs?node=n1&limit=" + MAX_LINES)
                .path("lines")
                .forEach(line -> texts.add(line.path("text").asText()));
        return texts;
    }

    /** The reasons of the losses that were declared. */
    List<String> losses(int port) {
        List<String> reasons = new ArrayList<>();
        get(port, "/api/nodes/n1")
                .path("losses")
                .forEach(loss -> reasons.add(loss.path("reason").asText()));
        return reasons;
    }

    private JsonNode get(int port, String path) {
        try {
            RequestOptions request = new RequestOptions()
                    .setMethod(HttpMethod.GET)
                    .setHost("127.0.0.1")
                    .setPort(port)
                    .setSsl(true)
                    .setURI(path)
                    .putHeader(
                            "Authorization",
                            "Bearer "
                                    + Files.readString(collectorState.resolve("viewer.token"))
                                            .strip());
            String answer = client.request(request)
                    .compose(asked -> asked.send())
                    .compose(got -> got.body())
                    .map(Buffer::toString)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(60, TimeUnit.SECONDS);
            return new ObjectMapper().readTree(answer);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (Exception failed) {
            throw new IllegalStateException("asked the collector for " + path, failed);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
