package io.farrier.transport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * gRPC over cleartext HTTP/2, as {@code grpc/doc/PROTOCOL-HTTP2.md} has it: a message is a flag byte, four bytes
 * of length and its bytes; the status comes in the trailers, or in the head when there is no message.
 */
public final class Grpc {
    /** What k3s allows its own containerd client; gRPC's default of 4 MiB is too small for a long list of images. */
    static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

    static final int PREFIX_BYTES = 5;

    private final Http http;
    private final Endpoint endpoint;
    private final Map<String, String> metadata;

    public Grpc(Http http, Endpoint endpoint) {
        this(http, endpoint, Map.of());
    }

    private Grpc(Http http, Endpoint endpoint, Map<String, String> metadata) {
        this.http = http;
        this.endpoint = endpoint;
        this.metadata = Map.copyOf(metadata);
    }

    /** The same server, told these headers with every call. */
    public Grpc with(Map<String, String> metadata) {
        return new Grpc(http, endpoint, metadata);
    }

    /**
     * @param method {@code package.Service/Method}
     * @throws GrpcException when the server answered with another status than OK
     * @throws UnreachableException when nobody could be talked to
     * @throws SilentPeerException when {@code deadline} passed
     */
    public byte[] call(String method, byte[] message, Duration deadline) throws IOException {
        try (HttpStream stream = http.openHttp2(request(method, message, deadline))) {
            byte[] body = body(stream, method, System.nanoTime() + deadline.toNanos());
            check(stream, method);
            return message(method, body);
        }
    }

    /**
     * Opens a call in which both sides send messages.
     *
     * @param idle how long the server may take for one of its messages
     */
    public GrpcCall open(String method, Duration idle) throws IOException {
        return new GrpcCall(
                method,
                http.uploadHttp2(Request.of("POST", endpoint, "/" + method)
                        .withHeaders(headers())
                        .withIdle(idle)),
                idle);
    }

    private Request request(String method, byte[] message, Duration deadline) {
        Map<String, String> headers = new HashMap<>(headers());
        headers.put("grpc-timeout", deadline.toMillis() + "m");
        return Request.of("POST", endpoint, "/" + method)
                .withHeaders(headers)
                .withBody(framed(message))
                .withIdle(deadline);
    }

    private Map<String, String> headers() {
        Map<String, String> headers = new HashMap<>(metadata);
        headers.put("content-type", "application/grpc");
        headers.put("te", "trailers");
        return headers;
    }

    static byte[] framed(byte[] message) {
        return ByteBuffer.allocate(PREFIX_BYTES + message.length)
                .put((byte) 0)
                .putInt(message.length)
                .put(message)
                .array();
    }

    private static byte[] body(HttpStream stream, String method, long end) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            Optional<byte[]> chunk = stream.read(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
            if (chunk.isEmpty()) {
                return body.toByteArray();
            }
            body.write(chunk.get());
            if (body.size() > MAX_MESSAGE_BYTES + PREFIX_BYTES) {
                throw new IOException(method + " answered with more than " + MAX_MESSAGE_BYTES + " bytes.");
            }
        }
    }

    static void check(HttpStream stream, String method) throws IOException {
        if (stream.status() != 200) {
            throw new IOException(method + " was answered with HTTP " + stream.status() + "; that is no gRPC server.");
        }
        int status = Integer.parseInt(word(stream, "grpc-status").orElse("2"));
        if (status != GrpcException.OK) {
            String text = word(stream, "grpc-message").orElse("");
            throw new GrpcException(method, status, decoded(text));
        }
    }

    /** Percent-encoded as in a URL, but '+' is itself; what is not encoded properly is shown as it came. */
    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notEncoded) {
            return text;
        }
    }

    private static Optional<String> word(HttpStream stream, String key) {
        return stream.trailer(key)
                .or(() -> stream.headers().getOrDefault(key, List.of()).stream().findFirst());
    }

    private static byte[] message(String method, byte[] body) throws IOException {
        if (body.length < PREFIX_BYTES || body[0] != 0) {
            throw new IOException(method + " answered OK without a plain message.");
        }
        ByteBuffer frame = ByteBuffer.wrap(body, 1, body.length - 1);
        byte[] message = new byte[frame.remaining() - 4];
        if (frame.getInt() != message.length) {
            throw new IOException(method + " answered with a message of the wrong length.");
        }
        frame.get(message);
        return message;
    }
}
