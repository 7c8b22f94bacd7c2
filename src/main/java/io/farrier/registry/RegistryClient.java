package io.farrier.registry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.farrier.image.ManifestDigest;
import io.farrier.image.Platform;
import io.farrier.image.Reference;
import io.farrier.image.Sha256;
import io.farrier.registry.RegistryAnswer.Kind;
import io.farrier.transport.Endpoint;
import io.farrier.transport.Http;
import io.farrier.transport.Request;
import io.farrier.transport.Response;
import io.farrier.transport.UnreachableException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Asks registries what they hold, without pulling. A registry is hostile until parsed: bodies are bounded, redirects are
 * not followed, a login goes to the registry itself and to allowed token servers only, and no {@code Authorization} ever
 * crosses to another host.
 *
 * <p>Source: opencontainers/distribution-spec, and distribution's token specification.
 */
public final class RegistryClient {
    private static final Duration DEADLINE = Duration.ofSeconds(20);
    static final int MAX_MANIFEST_BYTES = 4 * 1024 * 1024; // what distribution itself accepts
    static final int MAX_TOKEN_BYTES = 1024 * 1024;
    private static final String BY_LOGIN = "login"; // in the place of a token: the login itself goes through the gate
    private static final int MAX_TOKENS = 1000; // one for each repository; beyond that they are asked for again

    /** All four: with fewer a registry converts to schema 1, whose digest is another one. */
    static final String ACCEPT = "application/vnd.oci.image.index.v1+json,"
            + "application/vnd.docker.distribution.manifest.list.v2+json,"
            + "application/vnd.oci.image.manifest.v1+json,"
            + "application/vnd.docker.distribution.manifest.v2+json";

    static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(64).build())
            .build());

    private final Http http;
    private final RegistryProbe probe;
    private final LoginGate gate;
    private final Platform platform;
    private final Names names;
    private final Map<String, String> authorizations = new ConcurrentHashMap<>();

    /** @param logins those that were refused are not sent again for a while */
    public RegistryClient(Http http, RegistryProbe probe, LoginMemory logins) {
        this(http, probe, logins, Platform.ofThisNode(), Names.OF_THIS_NODE);
    }

    RegistryClient(Http http, RegistryProbe probe, LoginMemory logins, Platform platform, Names names) {
        this.http = http;
        this.probe = probe;
        this.gate = new LoginGate(logins);
        this.platform = platform;
        this.names = names;
    }

    /** Whether {@code registry} serves {@code reference} for this node's platform; never throws for what it may do. */
    public RegistryAnswer find(Registry registry, Reference reference) {
        try {
            return answer(registry, reference, ask(registry, reference));
        } catch (UnreachableException e) {
            return RegistryAnswer.of(
                    Kind.UNREACHABLE, probe.examine(Door.of(registry)).sentence());
        } catch (LoginGate.HeldException held) {
            return RegistryAnswer.of(Kind.UNAUTHORIZED, String.valueOf(held.getMessage()));
        } catch (IOException e) {
            return RegistryAnswer.of(Kind.UNREACHABLE, String.valueOf(e.getMessage()));
        }
    }

    private RegistryAnswer answer(Registry registry, Reference reference, Response response) throws IOException {
        return switch (response.status()) {
            case 200 -> present(registry, reference, response);
            case 401, 403 -> RegistryAnswer.of(Kind.UNAUTHORIZED, unauthorized(registry, response));
            case 404 -> RegistryAnswer.of(Kind.MISSING, registry.host() + " has no " + reference + words(response));
            default ->
                RegistryAnswer.of(
                        Kind.UNREACHABLE,
                        registry.host() + " answered " + response.status() + " for " + reference + words(response));
        };
    }

    private static String unauthorized(Registry registry, Response response) {
        String who = registry.login()
                .map(login -> "the login of '" + login.username() + "'")
                .orElse("an anonymous request (no login is configured)");
        return registry.host() + " refused " + who + words(response);
    }

    private RegistryAnswer present(Registry registry, Reference reference, Response response) throws IOException {
        ManifestDigest digest = verified(registry, reference, response);
        JsonNode manifest = MAPPER.readTree(response.body());
        if (!manifest.has("manifests")) {
            return present(registry, digest, size(manifest));
        }
        Optional<Reference> child = ImageIndex.child(manifest, platform, reference);
        if (child.isEmpty()) {
            return RegistryAnswer.of(
                    Kind.MISSING, registry.host() + " has " + reference + ", but not for " + platform + ".");
        }
        Response image = ask(registry, child.get());
        if (image.status() != 200) {
            return RegistryAnswer.of(
                    Kind.MISSING,
                    registry.host() + " has " + reference + ", but not its image for " + platform + words(image));
        }
        verified(registry, child.get(), image);
        return present(registry, digest, size(MAPPER.readTree(image.body())));
    }

    private static RegistryAnswer present(Registry registry, ManifestDigest digest, long size) {
        return new RegistryAnswer(
                Kind.PRESENT, Optional.of(digest), size, registry.host() + " has it as " + digest + ".");
    }

    /** The digest of the bytes that came; what the registry says of them must agree. Old registries say nothing. */
    private static ManifestDigest verified(Registry registry, Reference reference, Response response)
            throws IOException {
        ManifestDigest digest = digest(response.body());
        Optional<ManifestDigest> said = digestOf(response);
        if (said.isPresent() && !said.get().equals(digest)) {
            throw new IOException(registry.host() + " says that " + reference + " is " + said.get()
                    + ", but what it sent is " + digest + ".");
        }
        if (reference.digest().isPresent() && !reference.digest().get().equals(digest)) {
            throw new IOException(
                    registry.host() + " was asked for " + reference + " and answered with " + digest + ".");
        }
        return digest;
    }

    private static Optional<ManifestDigest> digestOf(Response response) {
        try {
            return response.header("docker-content-digest").map(ManifestDigest::new);
        } catch (IllegalArgumentException strange) {
            return Optional.empty();
        }
    }

    static ManifestDigest digest(byte[] body) {
        return new ManifestDigest(Sha256.of(body));
    }

    private static long size(JsonNode manifest) {
        long size = Math.max(0, manifest.path("config").path("size").asLong(0));
        for (JsonNode layer : manifest.path("layers")) {
            size += Math.max(0, layer.path("size").asLong(0));
        }
        return size;
    }

    private Response ask(Registry registry, Reference reference) throws IOException {
        String which =
                reference.digest().map(ManifestDigest::value).or(reference::tag).orElse("latest");
        String target = "/v2/" + reference.path() + "/manifests/" + which;
        String key = registry.host() + " " + reference.path();
        String known = authorizations.get(key);
        boolean hasLogin = BY_LOGIN.equals(known);
        Response first = hasLogin ? withLogin(registry, target, registry.login()) : send(registry, target, known);
        if (first.status() != 401 || hasLogin) {
            return first;
        }
        Challenge challenge = Challenge.parse(first.header("www-authenticate").orElse(""));
        if (challenge.isBasic() && registry.login().isPresent()) {
            remember(key, BY_LOGIN);
            return withLogin(registry, target, registry.login());
        }
        if (!challenge.isBearer()) {
            return first;
        }
        String token = "Bearer " + token(registry, reference, challenge);
        if (token.equals(known)) {
            return first;
        }
        remember(key, token);
        return send(registry, target, token);
    }

    private void remember(String key, String authorization) {
        if (authorizations.size() >= MAX_TOKENS) {
            authorizations.clear();
        }
        authorizations.put(key, authorization);
    }

    private Response withLogin(Registry registry, String target, Optional<Registry.Login> login) throws IOException {
        Registry.Login sent = login.orElseThrow();
        return gate.through(registry.host(), sent, () -> send(registry, target, basic(sent)));
    }

    private Response send(Registry registry, String target, @Nullable String authorization) throws IOException {
        Map<String, String> headers = new HashMap<>(Map.of("Accept", ACCEPT));
        if (authorization != null) {
            headers.put("Authorization", authorization);
        }
        try {
            return call(Request.of("GET", new Endpoint.Tls(registry.name(), registry.port(), registry.trust()), target)
                    .withHeaders(headers)
                    .withMaxBody(MAX_MANIFEST_BYTES));
        } catch (UnreachableException e) {
            if (!registry.insecure()) {
                throw e;
            }
            int port = registry.host().port().orElse(80);
            return call(Request.of("GET", new Endpoint.Tcp(registry.name(), port), target)
                    .withHeaders(headers)
                    .withMaxBody(MAX_MANIFEST_BYTES));
        }
    }

    private Response call(Request request) throws IOException {
        return http.call(request, DEADLINE);
    }

    static String basic(Registry.Login login) {
        String pair = login.username() + ":" + login.password().reveal();
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    private String token(Registry registry, Reference reference, Challenge challenge) throws IOException {
        TokenRealm realm = TokenRealm.of(challenge.parameter("realm"), registry, names);
        Request question = Request.get(endpoint(realm, registry), target(realm, reference.path(), challenge))
                .withMaxBody(MAX_TOKEN_BYTES);
        Optional<Registry.Login> login = realm.mayHaveLogin() ? registry.login() : Optional.empty();
        Response answer = login.isEmpty()
                ? call(question)
                : gate.through(
                        registry.host(),
                        login.get(),
                        () -> call(question.withHeaders(Map.of("Authorization", basic(login.get())))));
        if (answer.status() != 200) {
            throw new IOException(realm.uri().getHost() + " gave no token for " + reference.name() + ": status "
                    + answer.status() + words(answer));
        }
        JsonNode json = MAPPER.readTree(answer.body());
        String token = json.path("token").asText(json.path("access_token").asText(""));
        if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new IOException(realm.uri().getHost() + " answered without a usable token.");
        }
        return token;
    }

    private static Endpoint endpoint(TokenRealm realm, Registry registry) {
        int port = realm.uri().getPort() < 0 ? 443 : realm.uri().getPort();
        return new Endpoint.Tls(realm.uri().getHost(), port, registry.trust());
    }

    /** The scope is ours: what a registry asks us to ask for is not repeated. */
    static String target(TokenRealm realm, String repository, Challenge challenge) {
        URI uri = realm.uri();
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : uri.getRawQuery() + "&";
        return path + "?" + query + "service=" + encoded(challenge.parameter("service")) + "&scope="
                + encoded("repository:" + repository + ":pull");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String words(Response response) {
        return RegistryWords.of(response.body()).map(said -> ": " + said).orElse(".");
    }
}
