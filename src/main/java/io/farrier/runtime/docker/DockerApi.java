package io.farrier.runtime.docker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import io.farrier.runtime.RuntimeUnavailableException;
import io.farrier.transport.Endpoint;
import io.farrier.transport.Http;
import io.farrier.transport.HttpStream;
import io.farrier.transport.Request;
import io.farrier.transport.Response;
import io.farrier.transport.SilentPeerException;
import io.farrier.transport.UnreachableException;
import io.farrier.transport.Upload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The Engine API of one socket, in the newest version both sides speak. The version is asked for at the first call and
 * again after the daemon was away: it may have been upgraded meanwhile.
 */
final class DockerApi implements AutoCloseable {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final Http http;
    private final Endpoint endpoint;
    private final DockerClient client;
    private volatile @Nullable ApiVersion version;

    DockerApi(Http http, Path socket) {
        this.http = http;
        this.endpoint = new Endpoint.Unix(socket);
        // docker-java is told no version: the path gets the negotiated one on its way through us.
        this.client = DockerClientImpl.getInstance(
                new DefaultDockerClientConfig.Builder()
                        .withDockerHost("unix://" + socket)
                        .withDockerTlsVerify(false)
                        .build(),
                new TransportDockerHttpClient(this));
    }

    /** An answer that is read as it comes, whatever its status. */
    HttpStream open(String method, String target, Function<Request, Request> with) throws IOException {
        try {
            return http.open(with.apply(Request.of(method, endpoint, version().path(target))));
        } catch (UnreachableException e) {
            throw unavailable(e);
        }
    }

    /** A POST whose body is written as the daemon takes it. */
    Upload upload(String target, Duration idle) throws IOException {
        try {
            return http.upload(
                    Request.of("POST", endpoint, version().path(target))
                            .withHeaders(Map.of("Content-Type", "application/x-tar"))
                            .withIdle(idle),
                    OptionalLong.empty());
        } catch (UnreachableException e) {
            throw unavailable(e);
        }
    }

    /** A whole answer, whatever its status. */
    Response call(String method, String target, Function<Request, Request> with) throws IOException {
        return plain(with.apply(Request.of(method, endpoint, version().path(target))));
    }

    /**
     * A call of docker-java.
     *
     * @throws DockerException with the daemon's answer when it says no
     */
    <T> T ask(Function<DockerClient, T> question) throws IOException {
        try {
            return question.apply(client);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (DockerException e) {
            throw e;
        } catch (RuntimeException e) {
            // docker-java wraps whatever its transport throws.
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** True when the daemon answers a ping now. */
    boolean answers() {
        try {
            return ping().status() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    ApiVersion version() throws IOException {
        ApiVersion known = version;
        if (known != null) {
            return known;
        }
        ApiVersion agreed = ApiVersion.agree(ping().header("api-version"));
        version = agreed;
        return agreed;
    }

    private Response ping() throws IOException {
        return plain(Request.get(endpoint, "/_ping"));
    }

    private Response plain(Request request) throws IOException {
        try {
            return http.call(request, DEADLINE);
        } catch (UnreachableException | SilentPeerException e) {
            throw unavailable(e);
        }
    }

    private RuntimeUnavailableException unavailable(IOException cause) {
        version = null;
        return new RuntimeUnavailableException("dockerd does not answer. " + cause.getMessage(), cause);
    }

    /** What the daemon says in {@code {"message": "..."}}, or its bytes as text. */
    static String words(Response response) {
        try {
            JsonNode message = Json.MAPPER.readTree(response.body()).path("message");
            return message.isTextual() ? message.asText() : response.text().strip();
        } catch (IOException notJson) {
            return response.text().strip();
        }
    }

    /** The daemon's words of a docker-java exception, which holds the body as its message. */
    static String words(DockerException refusal) {
        String text = String.valueOf(refusal.getMessage());
        int brace = text.indexOf('{');
        try {
            JsonNode message = brace < 0
                    ? Json.MAPPER.nullNode()
                    : Json.MAPPER.readTree(text.substring(brace)).path("message");
            return message.isTextual() ? message.asText() : text;
        } catch (JsonProcessingException notJson) {
            return text;
        }
    }

    @Override
    public String toString() {
        return endpoint.toString();
    }

    @Override
    public void close() throws IOException {
        client.close();
    }

    /** One mapper for what we read ourselves. */
    static final class Json {
        static final ObjectMapper MAPPER = new ObjectMapper();

        private Json() {}
    }
}
