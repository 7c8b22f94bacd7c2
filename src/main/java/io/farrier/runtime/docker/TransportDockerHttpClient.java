package io.farrier.runtime.docker;

import com.github.dockerjava.transport.DockerHttpClient;
import io.farrier.transport.Response;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** docker-java's way to our transport. Whole answers only; what streams is read without docker-java. */
final class TransportDockerHttpClient implements DockerHttpClient {
    private final DockerApi api;

    TransportDockerHttpClient(DockerApi api) {
        this.api = api;
    }

    @Override
    public Response execute(Request request) {
        try {
            byte[] body = bodyOf(request);
            return new Answer(api.call(
                    request.method(),
                    request.path(),
                    out -> out.withHeaders(request.headers()).withBody(body)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] bodyOf(Request request) throws IOException {
        byte @Nullable [] bytes = request.bodyBytes();
        if (bytes != null) {
            return bytes;
        }
        InputStream stream = request.body();
        return stream == null ? new byte[0] : stream.readAllBytes();
    }

    @Override
    public void close() {
        // The transport belongs to whoever made it.
    }

    private record Answer(io.farrier.transport.Response response) implements Response {
        @Override
        public int getStatusCode() {
            return response.status();
        }

        @Override
        public Map<String, List<String>> getHeaders() {
            return response.headers();
        }

        @Override
        public InputStream getBody() {
            return new ByteArrayInputStream(response.body());
        }

        @Override
        public void close() {
            // It is whole already.
        }
    }
}
