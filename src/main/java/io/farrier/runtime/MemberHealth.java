package io.farrier.runtime;

import io.farrier.transport.Endpoint;
import io.farrier.transport.Http;
import io.farrier.transport.Request;
import io.farrier.transport.Response;
import io.farrier.transport.Trust;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The other servers of this node's cluster, asked whether they are healthy: {@code /ping} of k3s' and RKE2's supervisor,
 * {@code /health} of etcd, {@code /readyz} of an API server. Healthy is 200 within the deadline; nothing is followed.
 */
public final class MemberHealth {
    private static final Duration DEADLINE = Duration.ofSeconds(5); // etcd's own request timeout is 5 s as well
    private static final int MAX_BODY = 64 * 1024; // readyz?verbose has 3 KB
    private static final int HTTPS = 443;
    private static final int HTTP = 80;

    /** etcd answers 503 with it; older ones said it with 200 as well. */
    private static final Pattern SICK = Pattern.compile("\"health\"\\s*:\\s*\"?false");

    private final Http http;
    private final List<URI> members;
    private final Trust trust;

    public MemberHealth(Http http, List<URI> members, Trust trust) {
        this.http = http;
        this.members = List.copyOf(members);
        this.trust = trust;
    }

    /** The first that is not healthy, as a clause that names it; empty when all are. */
    public Optional<String> ailing() {
        return members.stream().map(this::complaint).flatMap(Optional::stream).findFirst();
    }

    private Optional<String> complaint(URI member) {
        try {
            Response answer = http.call(request(member), DEADLINE);
            if (answer.status() != 200) {
                return Optional.of(member + " answers " + answer.status());
            }
            return SICK.matcher(answer.text()).find()
                    ? Optional.of(member + " says that it is not healthy")
                    : Optional.empty();
        } catch (IOException silent) {
            return Optional.of(member + " does not answer: " + silent.getMessage());
        }
    }

    private Request request(URI member) {
        boolean isTls = "https".equals(member.getScheme());
        int port = member.getPort() > 0 ? member.getPort() : isTls ? HTTPS : HTTP;
        String host = member.getHost().replaceAll("[\\[\\]]", "");
        Endpoint endpoint = isTls ? new Endpoint.Tls(host, port, trust) : new Endpoint.Tcp(host, port);
        String path = member.getRawPath().isEmpty() ? "/" : member.getRawPath();
        String query = member.getRawQuery() == null ? "" : "?" + member.getRawQuery();
        return Request.get(endpoint, path + query).withMaxBody(MAX_BODY).withIdle(DEADLINE);
    }
}
