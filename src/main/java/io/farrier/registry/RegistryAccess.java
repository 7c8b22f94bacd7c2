package io.farrier.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.transport.Endpoint;
import io.farrier.transport.Http;
import io.farrier.transport.HttpStream;
import io.farrier.transport.Request;
import io.farrier.transport.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Requests to a registry with the login it wants, for one registry after the other. A login that was refused is not sent
 * again for a while ({@link LoginMemory}): repeating it locks accounts.
 */
final class RegistryAccess {
    private static final int MAX_TOKEN_BYTES = 1024 * 1024;
    private static final int MAX_ERROR_BYTES = 64 * 1024;
    private static final int MAX_TOKENS = 1000;

    /** A token that was given just now is refused now and then, by a replica that has not heard of it. No login is at stake. */
    private static final int MAX_FRESH_TOKENS = 3;

    private static final int MAX_REDIRECTS = 5;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Http http;
    private final Clock clock;
    private final Duration idle;
    private final Names names;
    private final LoginGate gate;
    private final Map<String, String> authorizations = new ConcurrentHashMap<>();
    private final Set<String> plain = ConcurrentHashMap.newKeySet();

    /** @param idle how long a registry may say nothing */
    RegistryAccess(Http http, Clock clock, Duration idle, Names names, LoginMemory logins) {
        this.http = http;
        this.clock = clock;
        this.idle = idle;
        this.names = names;
        this.gate = new LoginGate(logins);
    }

    /** An answer that is read as it comes; it is closed by whoever asked. */
    HttpStream open(Registry registry, Scope scope, String method, String target, Map<String, String> headers)
            throws IOException {
        HttpStream answer = send(
                registry,
                method,
                target,
                headers,
                authorization(registry, scope).orElse(null));
        for (int fresh = 0; answer.status() == 401 && fresh < MAX_FRESH_TOKENS; fresh++) {
            String authorization;
            try (HttpStream refused = answer) {
                authorization = authorize(registry, scope, refused)
                        .orElseThrow(() -> refusal(registry, method + " " + target, refused));
            }
            answer = send(registry, method, target, headers, authorization);
        }
        return answer;
    }

    /** A login goes through the gate; a token does not. */
    private HttpStream send(
            Registry registry,
            String method,
            String target,
            Map<String, String> headers,
            @Nullable String authorization)
            throws IOException {
        Optional<Registry.Login> login =
                registry.login().filter(its -> basic(its).equals(authorization));
        return login.isEmpty()
                ? sendAsItIs(registry, method, target, headers, authorization)
                : gate.through(
                        registry.host(),
                        login.get(),
                        () -> sendAsItIs(registry, method, target, headers, authorization),
                        HttpStream::status);
    }

    /** The header that was last accepted for this; empty when none is needed or known. */
    Optional<String> authorization(Registry registry, Scope scope) {
        return Optional.ofNullable(authorizations.get(key(registry, scope)))
                .or(() -> Optional.ofNullable(authorizations.get(key(registry))));
    }

    private HttpStream sendAsItIs(
            Registry registry,
            String method,
            String target,
            Map<String, String> headers,
            @Nullable String authorization)
            throws IOException {
        Map<String, String> all = new HashMap<>(headers);
        if (authorization != null) {
            all.put("Authorization", authorization);
        }
        return at(
                registry,
                endpoint -> http.open(
                        Request.of(method, endpoint, target).withHeaders(all).withIdle(idle)));
    }

    /** Something that is done at an endpoint. */
    interface At<T> {
        T ask(Endpoint endpoint) throws IOException;
    }

    /** An insecure registry is asked over TLS and, when nobody answers so, without, as dockerd does it. */
    <T> T at(Registry registry, At<T> question) throws IOException {
        if (plain.contains(registry.host().value())) {
            return question.ask(plainEndpoint(registry));
        }
        try {
            return question.ask(new Endpoint.Tls(registry.name(), registry.port(), registry.trust()));
        } catch (IOException overTls) {
            if (!registry.insecure()) {
                throw overTls;
            }
            T answer = question.ask(plainEndpoint(registry));
            plain.add(registry.host().value());
            return answer;
        }
    }

    private static Endpoint plainEndpoint(Registry registry) {
        return new Endpoint.Tcp(registry.name(), registry.host().port().orElse(80));
    }

    // ---- logins

    /** A login is good for all of a registry, a token for a scope. */
    private static String key(Registry registry) {
        return registry.host().value();
    }

    private static String key(Registry registry, Scope scope) {
        return registry.host() + " " + String.join(" ", scope.words());
    }

    private Optional<String> authorize(Registry registry, Scope scope, HttpStream unauthorized) throws IOException {
        String header = unauthorized.headers().getOrDefault("www-authenticate", java.util.List.of()).stream()
                .findFirst()
                .orElse("");
        Challenge challenge = Challenge.parse(header);
        String key = challenge.isBasic() ? key(registry) : key(registry, scope);
        Optional<String> fresh = challenge.isBasic()
                ? registry.login().map(RegistryAccess::basic)
                : challenge.isBearer() ? token(registry, scope, challenge) : Optional.empty();
        if (fresh.isEmpty() || (challenge.isBasic() && fresh.get().equals(authorizations.get(key)))) {
            authorizations.remove(key);
            return Optional.empty();
        }
        if (authorizations.size() >= MAX_TOKENS) {
            authorizations.clear();
        }
        authorizations.put(key, fresh.get());
        return fresh;
    }

    private static String basic(Registry.Login login) {
        String pair = login.username() + ":" + login.password().reveal();
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    private Optional<String> token(Registry registry, Scope scope, Challenge challenge) throws IOException {
        TokenRealm realm = TokenRealm.of(challenge.parameter("realm"), registry, names);
        int port = realm.uri().getPort() < 0 ? 443 : realm.uri().getPort();
        Request request = Request.get(
                        new Endpoint.Tls(realm.uri().getHost(), port, registry.trust()),
                        target(realm, scope, challenge))
                .withMaxBody(MAX_TOKEN_BYTES);
        Optional<Registry.Login> login = realm.mayHaveLogin() ? registry.login() : Optional.empty();
        Response response = login.isEmpty()
                ? http.call(request, idle)
                : gate.through(
                        registry.host(),
                        login.get(),
                        () -> http.call(request.withHeaders(Map.of("Authorization", basic(login.get()))), idle));
        if (response.status() == 401 || response.status() == 403) {
            return Optional.empty();
        }
        if (response.status() != 200) {
            throw new RegistryRefusal(
                    realm.uri().getHost() + " gave no token for " + registry.host() + " but answered "
                            + response.status() + ".",
                    response.status(),
                    RetryAfter.parse(response.header("retry-after"), clock));
        }
        JsonNode json = MAPPER.readTree(response.body());
        String token = json.path("token").asText(json.path("access_token").asText());
        if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new IOException(realm.uri().getHost() + " answered without a usable token.");
        }
        return Optional.of("Bearer " + token);
    }

    private static String target(TokenRealm realm, Scope scope, Challenge challenge) {
        URI uri = realm.uri();
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        StringBuilder query = new StringBuilder(uri.getRawQuery() == null ? "" : uri.getRawQuery() + "&")
                .append("service=")
                .append(encoded(challenge.parameter("service")));
        scope.words().forEach(word -> query.append("&scope=").append(encoded(word)));
        return path + "?" + query;
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    // ---- redirects

    /** Follows where a registry keeps its blobs elsewhere; the login stays behind. */
    HttpStream followed(Registry registry, HttpStream answer, Map<String, String> headers) throws IOException {
        HttpStream at = answer;
        for (int hops = 0; isRedirect(at.status()); hops++) {
            String location = at.headers().getOrDefault("location", java.util.List.of()).stream()
                    .findFirst()
                    .orElse("");
            at.close();
            if (hops == MAX_REDIRECTS) {
                throw new IOException(registry.host() + " redirects more than " + MAX_REDIRECTS + " times.");
            }
            at = http.open(redirect(registry, location).withHeaders(headers).withIdle(idle));
        }
        return at;
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    private Request redirect(Registry registry, String location) throws IOException {
        URI uri = uri(registry, location);
        if (uri.getHost() == null) {
            return at(registry, endpoint -> Request.get(endpoint, location));
        }
        boolean isPlain = "http".equals(uri.getScheme());
        if (!"https".equals(uri.getScheme()) && !(isPlain && registry.insecure())) {
            throw new IOException(registry.host() + " redirects to '" + RegistryWords.shown(location)
                    + "', which is not https;" + " farrier did not follow.");
        }
        if (!uri.getHost().equalsIgnoreCase(registry.name())) {
            forbidOwnNetwork(registry, location, names.resolve(uri.getHost()));
        }
        String target = uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
        return Request.get(
                isPlain
                        ? new Endpoint.Tcp(uri.getHost(), uri.getPort() < 0 ? 80 : uri.getPort())
                        : new Endpoint.Tls(uri.getHost(), uri.getPort() < 0 ? 443 : uri.getPort(), registry.trust()),
                target);
    }

    private static URI uri(Registry registry, String location) throws IOException {
        try {
            return URI.create(location);
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    registry.host() + " redirects to '" + RegistryWords.shown(location) + "', which is no URL.", e);
        }
    }

    private static void forbidOwnNetwork(Registry registry, String location, InetAddress[] addresses)
            throws IOException {
        for (InetAddress address : addresses) {
            if (address.isLoopbackAddress() || address.isLinkLocalAddress() || address.isAnyLocalAddress()) {
                throw new IOException(registry.host() + " redirects to '" + RegistryWords.shown(location)
                        + "', which leads to " + address.getHostAddress() + "; farrier did not follow.");
            }
        }
    }

    // ---- refusals

    RegistryRefusal refusal(Registry registry, String tried, HttpStream answer) {
        Optional<String> retryAfter = answer.headers().getOrDefault("retry-after", java.util.List.of()).stream()
                .findFirst();
        String who = answer.status() == 401 || answer.status() == 403
                ? " to "
                        + registry.login()
                                .map(l -> "the login of '" + l.username() + "'")
                                .orElse("an anonymous request")
                : "";
        return new RegistryRefusal(
                registry.host() + " answered " + answer.status() + who + " for " + tried + words(answer),
                answer.status(),
                RetryAfter.parse(retryAfter, clock));
    }

    private String words(HttpStream answer) {
        try {
            return RegistryWords.of(body(answer)).map(said -> ": " + said + ".").orElse(".");
        } catch (IOException brokeOff) {
            return ".";
        }
    }

    private byte[] body(HttpStream answer) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (Optional<byte[]> chunk = answer.read(idle); chunk.isPresent(); chunk = answer.read(idle)) {
            body.write(chunk.get());
            if (body.size() > MAX_ERROR_BYTES) {
                break;
            }
        }
        return body.toByteArray();
    }

    Http http() {
        return http;
    }

    Duration idle() {
        return idle;
    }
}
