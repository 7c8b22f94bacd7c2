package io.farrier.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.image.Platform;
import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.pki.issue.CertificateAuthority;
import io.farrier.pki.issue.CertifiedKey;
import io.farrier.pki.issue.ServerNames;
import io.farrier.registry.RegistryAnswer.Kind;
import io.farrier.secret.Secret;
import io.farrier.testing.CannedServer;
import io.farrier.transport.Http;
import io.farrier.transport.Trust;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import java.net.InetAddress;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a registry may answer, honest or hostile, over real TLS on the loopback. */
final class RegistryClientTest {
    private static final String MANIFEST =
            "{\"schemaVersion\":2,\"config\":{\"size\":10},\"layers\":[{\"size\":100},{\"size\":200}]}";

    private static CertificateAuthority ca;
    private static CertifiedKey certificate;

    private final Vertx vertx = Vertx.vertx();
    private final Http http = new Http(vertx);
    private final List<String> authorizations = new CopyOnWriteArrayList<>();
    private Consumer<HttpServerRequest> answer =
            request -> request.response().setStatusCode(500).end();
    private CannedServer server;
    private Trust trust;

    @BeforeAll
    static void issue() {
        ca = CertificateAuthority.create("A test", Clock.systemUTC());
        certificate = ca.issueServer(ServerNames.of(List.of("localhost")), Clock.systemUTC());
    }

    @BeforeEach
    void start() throws Exception {
        trust = Trust.withCa(ca.certificatePem().getBytes(UTF_8));
        HttpServerOptions tls = new HttpServerOptions()
                .setSsl(true)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .setCertValue(Buffer.buffer(certificate.chainPem()))
                        .setKeyValue(Buffer.buffer(certificate.keyPem().reveal())));
        server = CannedServer.onPort(tls, request -> {
            authorizations.add(String.valueOf(request.getHeader("Authorization")));
            answer.accept(request);
        });
    }

    @AfterEach
    void stop() throws Exception {
        http.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        server.close();
    }

    // ---- what it holds

    @Test
    void findsAnImageWithItsDigestAndSize() {
        answer = serving(Map.of("/v2/app/manifests/1", MANIFEST));

        RegistryAnswer found = find("app:1");

        assertThat(found.kind()).isEqualTo(Kind.PRESENT);
        assertThat(found.digest())
                .hasValueSatisfying(digest -> assertThat(digest.value()).isEqualTo(digestOf(MANIFEST)));
        assertThat(found.sizeBytes()).isEqualTo(310);
    }

    @Test
    void looksInsideAnIndexForThisPlatform() {
        String index = "{\"manifests\":[" + entry("arm64", "0".repeat(64)) + "," + entry("amd64", hex(MANIFEST)) + "]}";
        answer = serving(Map.of("/v2/app/manifests/1", index, "/v2/app/manifests/sha256:" + hex(MANIFEST), MANIFEST));

        RegistryAnswer found = find("app:1");

        assertThat(found.sizeBytes()).isEqualTo(310);
        assertThat(found.digest())
                .hasValueSatisfying(digest -> assertThat(digest.value()).isEqualTo(digestOf(index)));
    }

    @Test
    void callsAnIndexWithoutThisPlatformMissing() {
        answer = serving(Map.of("/v2/app/manifests/1", "{\"manifests\":[" + entry("arm64", "0".repeat(64)) + "]}"));

        assertThat(find("app:1")).satisfies(found -> {
            assertThat(found.kind()).isEqualTo(Kind.MISSING);
            assertThat(found.sentence()).contains("not for linux/amd64");
        });
    }

    private static String entry(String architecture, String hex) {
        return "{\"digest\":\"sha256:" + hex + "\",\"platform\":{\"os\":\"linux\",\"architecture\":\"" + architecture
                + "\"}}";
    }

    @Test
    void saysWhatIsMissing() {
        answer = refusing(404, "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\"}]}");

        assertThat(find("app:1")).satisfies(found -> {
            assertThat(found.kind()).isEqualTo(Kind.MISSING);
            assertThat(found.sentence()).contains("app:1").contains("MANIFEST_UNKNOWN manifest unknown");
        });
    }

    @Test
    void saysThatNoLoginIsConfigured() {
        answer = request -> request.response()
                .setStatusCode(401)
                .putHeader("WWW-Authenticate", "Basic realm=\"x\"")
                .end();

        assertThat(find("app:1")).satisfies(found -> {
            assertThat(found.kind()).isEqualTo(Kind.UNAUTHORIZED);
            assertThat(found.sentence()).contains("no login is configured");
        });
    }

    @Test
    void logsInWhenAsked() {
        answer = guarded("Basic realm=\"x\"", "Basic cm9ib3Q6czNjcmV0"); // robot:s3cret

        assertThat(client().find(registry(true), reference("app:1")).kind()).isEqualTo(Kind.PRESENT);
        assertThat(authorizations).first().isEqualTo("null");
    }

    @Test
    void fetchesATokenForThisRepositoryOnlyAndKeepsIt() {
        answer = request -> {
            if (request.path().equals("/token")) {
                request.response().end("{\"token\":\"abc\"}");
            } else {
                guarded(bearer("https://localhost:" + server.port() + "/token"), "Bearer abc")
                        .accept(request);
            }
        };
        RegistryClient client = client();

        assertThat(client.find(registry(true), reference("team/app:1")).kind()).isEqualTo(Kind.PRESENT);
        assertThat(client.find(registry(true), reference("team/app:1")).kind()).isEqualTo(Kind.PRESENT);

        assertThat(server.asked())
                .filteredOn(line -> line.startsWith("GET /token"))
                .containsExactly("GET /token?service=s&scope=repository%3Ateam%2Fapp%3Apull");
        assertThat(authorizations.get(1)).isEqualTo("Basic cm9ib3Q6czNjcmV0");
    }

    // ---- a hostile one

    @Test
    void doesNotFetchATokenInPlainText() {
        answer = guarded(bearer("http://localhost:1/token"), "never");

        assertThat(client().find(registry(true), reference("app:1")).sentence()).contains("is not https");
    }

    @Test
    void doesNotFetchATokenFromTheNodesOwnLoopbackOrMetadataAddress() {
        for (String inner : List.of("127.0.0.1", "169.254.169.254", "0.0.0.0")) {
            answer = guarded(bearer("https://" + inner + "/token"), "never");

            assertThat(client().find(registry(true), reference("app:1")).sentence())
                    .contains("which leads to " + inner);
        }
    }

    @Test
    void doesNotFetchATokenFromANameThatLeadsToTheLoopback() {
        answer = guarded(bearer("https://harmless.example/token"), "never");

        assertThat(client().find(registry(true), reference("app:1")).sentence())
                .contains("harmless.example")
                .contains("leads to 127.0.0.1");
    }

    @Test
    void doesNotFollowARedirectWithTheLogin() {
        answer = request -> {
            if (request.getHeader("Authorization") == null) {
                request.response()
                        .setStatusCode(401)
                        .putHeader("WWW-Authenticate", "Basic realm=\"x\"")
                        .end();
            } else {
                request.response()
                        .setStatusCode(307)
                        .putHeader("Location", "https://thief.example/")
                        .end();
            }
        };

        assertThat(client().find(registry(true), reference("app:1")).sentence()).contains("answered 307");
        assertThat(server.asked()).hasSize(2);
    }

    @Test
    void refusesAManifestThatIsNotWhatItsDigestSays() {
        answer = serving(Map.of("/v2/app/manifests/sha256:" + "a".repeat(64), MANIFEST));

        assertThat(find("app@sha256:" + "a".repeat(64))).satisfies(found -> {
            assertThat(found.kind()).isEqualTo(Kind.UNREACHABLE);
            assertThat(found.sentence()).contains("answered with " + digestOf(MANIFEST));
        });
    }

    @Test
    void refusesAManifestBeyondItsBound() {
        answer = serving(Map.of("/v2/app/manifests/1", " ".repeat(5 * 1024 * 1024)));

        assertThat(find("app:1").sentence()).contains("more than the 4194304 bytes");
    }

    @Test
    void refusesJsonThatIsNestedToExhaustUs() {
        answer = serving(Map.of("/v2/app/manifests/1", "[".repeat(1000)));

        assertThat(find("app:1").kind()).isEqualTo(Kind.UNREACHABLE);
    }

    @Test
    void refusesATokenThatWouldWriteAnotherHeader() {
        answer = request -> {
            if (request.path().equals("/token")) {
                request.response().end("{\"token\":\"abc\\r\\nX-Evil: 1\"}");
            } else {
                guarded(bearer("https://localhost:" + server.port() + "/token"), "never")
                        .accept(request);
            }
        };

        assertThat(client().find(registry(true), reference("app:1")).sentence()).contains("without a usable token");
    }

    @Test
    void showsNoControlCharactersOfARegistrysWords() {
        answer = refusing(404, "{\"errors\":[{\"code\":\"X\",\"message\":\"a\\u001b[2J\\r\\nroot logged in\"}]}");

        assertThat(find("app:1").sentence()).doesNotContainPattern("\\p{Cntrl}");
    }

    // ---- how it is looked at

    @Test
    void trustsARegistryWhoseCaIsConfigured() {
        answer = serving(Map.of("/v2/", "{}"));

        assertThat(look(Clock.systemUTC(), registry(false)).isGood()).isTrue();
    }

    @Test
    void saysUnknownAuthorityAndWhoseItIs() {
        Registry stranger = new Registry(host(), Trust.ofSystem(), false, Optional.empty(), Set.of());

        Examination seen = look(Clock.systemUTC(), stranger);

        assertThat(kind(seen)).isEqualTo(RegistryFault.Kind.CERTIFICATE_UNKNOWN_AUTHORITY);
        assertThat(seen.sentence())
                .contains("x509: certificate signed by unknown authority")
                .contains("A test")
                .contains("'ca'");
        assertThat(client().find(stranger, reference("app:1")).sentence()).isEqualTo(seen.sentence());
    }

    @Test
    void saysThatACertificateHasExpired() {
        Clock later = Clock.fixed(Instant.now().plus(Duration.ofDays(4000)), ZoneOffset.UTC);

        assertThat(look(later, registry(false))).satisfies(seen -> {
            assertThat(kind(seen)).isEqualTo(RegistryFault.Kind.CERTIFICATE_EXPIRED);
            assertThat(seen.sentence()).contains("x509: certificate has expired or is not yet valid: current time");
        });
    }

    @Test
    void saysThatACertificateIsForAnotherName() {
        Registry byAddress = new Registry(
                RegistryHost.parse("127.0.0.1:" + server.port()), trust, false, Optional.empty(), Set.of());

        RegistryAnswer asked = client().find(byAddress, Reference.parse(byAddress.host() + "/app:1"));
        assertThat(asked.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(server.asked())
                .as("what a server of the wrong name was told")
                .isEmpty();
        assertThat(look(Clock.systemUTC(), byAddress)).satisfies(seen -> {
            assertThat(kind(seen)).isEqualTo(RegistryFault.Kind.CERTIFICATE_NO_IP_NAME);
            assertThat(seen.sentence())
                    .contains("cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs");
        });
    }

    @Test
    void saysThatAServerSpeaksPlainHttp() throws Exception {
        try (CannedServer plain = CannedServer.onPort(
                new HttpServerOptions(), request -> request.response().end())) {
            RegistryHost host = RegistryHost.parse("localhost:" + plain.port());

            assertThat(look(Clock.systemUTC(), new Registry(host, trust, false, Optional.empty(), Set.of())))
                    .satisfies(seen -> {
                        assertThat(kind(seen)).isEqualTo(RegistryFault.Kind.PLAIN_HTTP);
                        assertThat(seen.sentence()).contains("http: server gave HTTP response to HTTPS client");
                    });
            assertThat(look(Clock.systemUTC(), new Registry(host, Trust.blind(), true, Optional.empty(), Set.of()))
                            .sentence())
                    .contains("insecure");
        }
    }

    @Test
    void saysThatNobodyListensOrThatThereIsNoSuchHost() throws Exception {
        int free;
        try (java.net.ServerSocket socket = new java.net.ServerSocket(0)) {
            free = socket.getLocalPort();
        }

        assertThat(look(Clock.systemUTC(), at("localhost:" + free)).sentence()).contains("connection refused");
        assertThat(kind(look(Clock.systemUTC(), at("registry.invalid")))).isEqualTo(RegistryFault.Kind.NO_SUCH_HOST);
    }

    private Registry at(String host) {
        return new Registry(RegistryHost.parse(host), trust, false, Optional.empty(), Set.of());
    }

    // ---- what is needed for this

    private RegistryAnswer find(String image) {
        return client().find(registry(false), reference(image));
    }

    private RegistryClient client() {
        return new RegistryClient(
                http, probe(Clock.systemUTC()), LoginMemory.NONE, new Platform("linux", "amd64"), name ->
                        new InetAddress[] {InetAddress.getByName(name.endsWith(".example") ? "127.0.0.1" : name)});
    }

    private static Examination look(Clock clock, Registry registry) {
        return probe(clock).examine(Door.of(registry));
    }

    private static RegistryProbe probe(Clock clock) {
        return new RegistryProbe(Names.OF_THIS_NODE, clock, LoginMemory.NONE);
    }

    private static RegistryFault.Kind kind(Examination seen) {
        return seen.faults().get(0).kind();
    }

    private Registry registry(boolean withLogin) {
        return new Registry(
                host(),
                trust,
                false,
                withLogin ? Optional.of(new Registry.Login("robot", Secret.of("s3cret"))) : Optional.empty(),
                Set.of());
    }

    private RegistryHost host() {
        return RegistryHost.parse("localhost:" + server.port());
    }

    private Reference reference(String image) {
        return Reference.parse(host() + "/" + image);
    }

    private static Consumer<HttpServerRequest> serving(Map<String, String> files) {
        return request -> {
            String file = files.get(request.path());
            request.response().setStatusCode(file == null ? 404 : 200).end(file == null ? "" : file);
        };
    }

    private static Consumer<HttpServerRequest> refusing(int status, String body) {
        return request -> request.response().setStatusCode(status).end(body);
    }

    private static Consumer<HttpServerRequest> guarded(String challenge, String authorization) {
        return request -> {
            if (authorization.equals(request.getHeader("Authorization"))) {
                request.response().end(MANIFEST);
            } else {
                request.response()
                        .setStatusCode(401)
                        .putHeader("WWW-Authenticate", challenge)
                        .end();
            }
        };
    }

    private static String bearer(String realm) {
        return "Bearer realm=\"" + realm + "\",service=\"s\",scope=\"repository:other/repo:pull,push\"";
    }

    private static String digestOf(String text) {
        return "sha256:" + hex(text);
    }

    private static String hex(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
        } catch (java.security.NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
