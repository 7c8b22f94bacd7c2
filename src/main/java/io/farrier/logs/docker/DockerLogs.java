package io.farrier.logs.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.farrier.transport.Endpoint;
import io.farrier.transport.Http;
import io.farrier.transport.HttpStream;
import io.farrier.transport.Request;
import io.farrier.transport.Response;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/** What dockerd's API tells of a container's log, in the API version that dockerd likes best. */
public final class DockerLogs {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final int MAX_ANSWER = 4 << 20;

    /** There may be hundreds of answers at once. */
    private static final int AHEAD = 64 << 10;

    private static final int MAX_WORDS = 300;
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int NOT_IMPLEMENTED = 501;

    private final Http http;
    private final Supplier<Optional<Path>> socket;

    /** @param socket empty while the node has no Docker */
    public DockerLogs(Http http, Supplier<Optional<Path>> socket) {
        this.http = http;
        this.socket = socket;
    }

    /**
     * All lines from a time on.
     *
     * @param follow whether to wait for what the container will write
     * @return empty when there is no such container any more
     * @throws io.farrier.transport.UnreachableException when dockerd cannot be talked to
     * @throws io.farrier.transport.SilentPeerException when it does not answer
     * @throws UnreadableLogException when the logging driver keeps nothing that can be read
     */
    Optional<LineStream> open(String id, Instant since, boolean follow) throws IOException {
        Endpoint dockerd =
                new Endpoint.Unix(socket.get().orElseThrow(() -> new IOException("There is no Docker now.")));
        Response container =
                http.call(Request.get(dockerd, "/containers/" + id + "/json").withMaxBody(MAX_ANSWER), DEADLINE);
        if (container.status() == NOT_FOUND) {
            return Optional.empty();
        }
        boolean hasTerminal = json(container.body()).at("/Config/Tty").asBoolean();
        HttpStream lines = http.open(Request.get(
                        dockerd,
                        "/containers/" + id + "/logs?stdout=1&stderr=1&timestamps=1&tail=all&follow=" + (follow ? 1 : 0)
                                + "&since=" + Stamp.unix(since))
                .withIdle(DEADLINE)
                .withAhead(AHEAD));
        return switch (lines.status()) {
            case OK -> Optional.of(new LineStream(lines, hasTerminal ? new Terminal() : new Multiplexed()));
            case NOT_FOUND -> {
                lines.close();
                yield Optional.empty();
            }
            default -> throw refusal(lines);
        };
    }

    private static IOException refusal(HttpStream answer) throws IOException {
        try (answer) {
            String words = words(answer.read(DEADLINE).orElse(new byte[0]));
            return answer.status() == NOT_IMPLEMENTED || words.contains("does not support reading")
                    ? new UnreadableLogException(words)
                    : new IOException(
                            "dockerd refused a container's log with status " + answer.status() + ": " + words);
        }
    }

    private static String words(byte[] body) throws IOException {
        String words = json(body).path("message").asText();
        return words.length() <= MAX_WORDS ? words : words.substring(0, MAX_WORDS);
    }

    private static JsonNode json(byte[] body) throws IOException {
        return Json.MAPPER.readTree(body);
    }

    /** Made when a container without a log file is met: on most nodes never. */
    private static final class Json {
        static final JsonMapper MAPPER = new JsonMapper();
    }
}
