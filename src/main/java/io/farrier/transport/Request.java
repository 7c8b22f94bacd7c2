package io.farrier.transport;

import java.time.Duration;
import java.util.Map;

/**
 * One HTTP request.
 *
 * @param target path and query, already encoded, with its leading slash
 * @param maxBody how many bytes of answer {@link Http#call} accepts
 * @param idle how long the peer may stay silent, before the head and between two chunks of the body
 * @param ahead how many bytes of the answer are taken from the peer before they are read
 */
public record Request(
        String method,
        Endpoint endpoint,
        String target,
        Map<String, String> headers,
        byte[] body,
        int maxBody,
        Duration idle,
        int ahead) {
    /** Enough for a list of thousands of images or containers, and a bound for what a broken peer may cost. */
    public static final int DEFAULT_MAX_BODY = 32 * 1024 * 1024;

    private static final Duration DEFAULT_IDLE = Duration.ofSeconds(60);

    private static final int DEFAULT_AHEAD = 1 << 20;

    public Request {
        headers = Map.copyOf(headers);
    }

    public static Request get(Endpoint endpoint, String target) {
        return of("GET", endpoint, target);
    }

    public static Request of(String method, Endpoint endpoint, String target) {
        return new Request(
                method, endpoint, target, Map.of(), new byte[0], DEFAULT_MAX_BODY, DEFAULT_IDLE, DEFAULT_AHEAD);
    }

    public Request withHeaders(Map<String, String> headers) {
        return new Request(method, endpoint, target, headers, body, maxBody, idle, ahead);
    }

    public Request withBody(byte[] body) {
        return new Request(method, endpoint, target, headers, body, maxBody, idle, ahead);
    }

    public Request withMaxBody(int maxBody) {
        return new Request(method, endpoint, target, headers, body, maxBody, idle, ahead);
    }

    public Request withIdle(Duration idle) {
        return new Request(method, endpoint, target, headers, body, maxBody, idle, ahead);
    }

    public Request withAhead(int ahead) {
        return new Request(method, endpoint, target, headers, body, maxBody, idle, ahead);
    }

    /** Never headers or body: they may carry a credential. */
    @Override
    public String toString() {
        return method + " " + endpoint + target;
    }
}
