package io.farrier.registry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.farrier.image.Reference;
import io.farrier.image.RegistryHost;
import io.farrier.pki.GoVersion;
import io.farrier.secret.Secret;
import io.farrier.testing.Minted;
import io.farrier.testing.TinyRegistry;
import io.farrier.transport.Trust;
import java.io.ByteArrayOutputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A hostile registry is told nothing and costs little, and the probe says what it did. One registry a line. */
final class HostileRegistryTest {
    private static final String LOGIN = Base64.getEncoder().encodeToString("robot:s3cret".getBytes(US_ASCII));
    private static final Minted CA = Minted.ca("Hostile").selfSigned();
    private static final Minted LEAF = Minted.server("x")
            .dns("reg.test", "other.test", "allowed.test")
            .ip("127.0.0.1", "::1")
            .by(CA);

    private final List<TinyRegistry> servers = new ArrayList<>();

    @AfterEach
    void stop() {
        servers.forEach(TinyRegistry::close);
    }

    @ParameterizedTest
    @CsvSource({
        "http://other.test:1/token,is not https",
        "https://loop.test/token,leads to 127.0.0.1",
        "https://127.0.0.1/token,leads to 127.0.0.1",
        "https://[::1]/token,leads to 0:0:0:0:0:0:0:1",
        "https://169.254.169.254/latest,leads to 169.254.169.254",
        "https://metadata.test/latest,leads to 169.254.169.254",
        "https://[fd00:ec2::254]/latest,leads to fd00:ec2",
        "https://[fe80::1]/x,leads to fe80",
        "https://0.0.0.0/x,leads to 0.0.0.0",
        "https://robot:x@other.test/token,carries a login",
        "file:///etc/shadow,is no URL",
        "gopher://other.test/x,is not https",
        "not a url,is no URL"
    })
    void mayNotSendUsForATokenToOurselves(String realm, String because) {
        TinyRegistry registry = serve((method, target, headers) -> bearer(realm));

        Examination.Image image = look(registry, Set.of());

        assertThat(sentence(image)).contains(because);
        assertNoLogin(registry);
    }

    @Test
    void aTokenServerElsewhereGetsNoLogin() {
        TinyRegistry tokens = serve((method, target, headers) -> json("{\"token\":\"abc\"}"));
        TinyRegistry registry = serve((method, target, headers) ->
                headers.containsKey("authorization") ? null : bearer("https://other.test:" + tokens.port() + "/token"));

        assertThat(look(registry, Set.of()).fault()).isEmpty();
        assertThat(tokens.asked()).isNotEmpty();
        assertNoLogin(tokens);
        assertNoLogin(registry);
    }

    @Test
    void aTokenServerThatIsAllowedGetsItAndTheRegistryDoesNot() {
        TinyRegistry tokens = serve((method, target, headers) -> json("{\"token\":\"abc\"}"));
        TinyRegistry registry = serve((method, target, headers) -> headers.containsKey("authorization")
                ? null
                : bearer("https://allowed.test:" + tokens.port() + "/token"));

        assertThat(look(registry, Set.of("allowed.test")).fault()).isEmpty();
        assertThat(String.join("\n", tokens.asked())).contains("Basic " + LOGIN);
        assertNoLogin(registry);
    }

    @Test
    void aTokenRequestThatIsRedirectedIsNotFollowed() {
        TinyRegistry third = serve((method, target, headers) -> null);
        TinyRegistry tokens = serve((method, target, headers) ->
                answer(307, "Location: https://other.test:" + third.port() + "/token\r\n", ""));
        TinyRegistry registry =
                serve((method, target, headers) -> bearer("https://allowed.test:" + tokens.port() + "/token"));

        assertThat(sentence(look(registry, Set.of("allowed.test")))).contains("answered 307 instead of a token");
        assertThat(third.asked()).isEmpty();
    }

    @Test
    void blobsThatAreElsewhereAreLookedForWithoutALogin() {
        TinyRegistry store = serve((method, target, headers) -> null);
        TinyRegistry registry = serve((method, target, headers) -> {
            if (!headers.containsKey("authorization")) {
                return target.equals("/v2/") ? null : basic();
            }
            return target.contains("/blobs/")
                    ? answer(307, "Location: https://other.test:" + store.port() + "/x\r\n", "")
                    : null;
        });

        assertThat(look(registry, Set.of()).fault()).isEmpty();
        assertThat(store.asked()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "https://metadata.test/x,its cloud's metadata",
        "ftp://other.test/x,'ftp' address",
        "https://nowhere.test/x,does not know the name"
    })
    void blobsMayNotBeJustAnywhere(String location, String because) {
        TinyRegistry registry = serve((method, target, headers) ->
                target.contains("/blobs/") ? answer(302, "Location: " + location + "\r\n", "") : null);

        assertThat(sentence(look(registry, Set.of()))).contains(because);
    }

    @Test
    void aTokenOfMegabytesIsNotRead() {
        TinyRegistry tokens = serve((method, target, headers) -> json("{\"token\":\"" + "a".repeat(2 << 20) + "\"}"));
        TinyRegistry registry =
                serve((method, target, headers) -> bearer("https://other.test:" + tokens.port() + "/token"));

        assertThat(sentence(look(registry, Set.of())))
                .contains(":" + tokens.port())
                .contains("token");
    }

    @Test
    void aTokenWithALineEndIsNoToken() {
        TinyRegistry tokens = serve((method, target, headers) -> json("{\"token\":\"a\\r\\nX-Evil: 1\"}"));
        TinyRegistry registry =
                serve((method, target, headers) -> bearer("https://other.test:" + tokens.port() + "/token"));

        assertThat(sentence(look(registry, Set.of()))).contains("without a usable token");
    }

    @Test
    void aManifestWithoutAnEndIsNotReadToItsEnd() {
        TinyRegistry registry =
                serve((method, target, headers) -> target.equals("/v2/") ? null : answer(200, "", "x".repeat(5 << 20)));

        assertThat(look(registry, Set.of()).fault()).isPresent();
    }

    /** 64 megabytes of blanks as 64 kilobytes: they stay so, because nothing is inflated. */
    @Test
    void whatIsCompressedIsNotInflated() throws Exception {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            byte[] blanks = " ".repeat(1 << 20).getBytes(US_ASCII);
            for (int megabyte = 0; megabyte < 64; megabyte++) {
                gzip.write(blanks);
            }
        }
        String bomb = packed.toString(ISO_8859_1);
        List<String> encodings = new ArrayList<>();
        TinyRegistry registry = serve((method, target, headers) -> {
            encodings.add(headers.getOrDefault("accept-encoding", "none"));
            return target.equals("/v2/") ? null : answer(200, "Content-Encoding: gzip\r\n", bomb);
        });

        assertThat(look(registry, Set.of()).fault()).isPresent();
        assertThat(encodings).containsOnly("none");
    }

    @Test
    void nestingWithoutAnEndIsRefused() {
        TinyRegistry registry = serve((method, target, headers) ->
                target.equals("/v2/") ? null : json("{\"a\":".repeat(1000) + "1" + "}".repeat(1000)));

        assertThat(look(registry, Set.of()).fault()).isPresent();
    }

    @Test
    void aHeadWithoutAnEndIsRefused() {
        TinyRegistry registry =
                serve((method, target, headers) -> answer(200, "X: " + "y".repeat(100_000) + "\r\n", ""));

        assertThat(examine(registry).isGood()).isFalse();
    }

    @Test
    void anotherImageThanTheOneAskedForIsNoted() {
        TinyRegistry registry = serve((method, target, headers) -> target.equals("/v2/") ? null : json("{}"));
        Reference byDigest = Reference.parse("reg.test:" + registry.port() + "/app@sha256:" + "0".repeat(64));

        assertThat(sentence(look(registry, byDigest, Set.of()))).contains("answered with sha256:");
    }

    @Test
    void aRegistryThatNobodyVerifiesGetsNoLogin() {
        TinyRegistry registry = serve((method, target, headers) -> target.equals("/v2/") ? null : basic());

        Examination seen = probe().examine(
                        List.of(Door.of(host(registry), Trust.blind(), GoVersion.NEWEST)),
                        registry(registry, Set.of()),
                        Map.of(image(registry), "/v2/app/manifests/1"));

        assertThat(sentence(seen.images().get(0))).contains("was not sent");
        assertNoLogin(registry);
    }

    @Test
    void anAddressOfIpVersion6IsOpenedAndVerified() {
        TinyRegistry registry = TinyRegistry.tls(
                "::1", 0, LEAF.key(), List.of(LEAF.certificate()), Optional.empty(), (m, t, h) -> null);
        servers.add(registry);
        RegistryHost host = RegistryHost.parse("[::1]:" + registry.port());

        assertThat(probe().examine(List.of(Door.of(host, trust(), GoVersion.NEWEST)))
                        .faults())
                .isEmpty();
        TinyRegistry other =
                TinyRegistry.tls("::1", Minted.server("x").ip("2001:db8::7").by(CA));
        servers.add(other);
        assertThat(probe().examine(List.of(
                                Door.of(RegistryHost.parse("[::1]:" + other.port()), trust(), GoVersion.NEWEST)))
                        .sentence())
                .contains("x509: certificate is valid for 2001:db8::7, not ::1");
    }

    // ---- what is needed for this

    private TinyRegistry serve(TinyRegistry.Answers answers) {
        TinyRegistry registry = TinyRegistry.tls(
                ownAddress().getHostAddress(), 0, LEAF.key(), List.of(LEAF.certificate()), Optional.empty(), answers);
        servers.add(registry);
        return registry;
    }

    private static Examination.Image look(TinyRegistry registry, Set<String> realmHosts) {
        return look(registry, image(registry), realmHosts);
    }

    private static Examination.Image look(TinyRegistry registry, Reference image, Set<String> realmHosts) {
        Examination seen = probe().examine(
                        List.of(Door.of(host(registry), trust(), GoVersion.NEWEST)),
                        registry(registry, realmHosts),
                        Map.of(image, "/v2/app/manifests/1"));
        assertThat(seen.images()).as("%s", seen.faults()).hasSize(1);
        return seen.images().get(0);
    }

    private static Examination examine(TinyRegistry registry) {
        return probe().examine(List.of(Door.of(host(registry), trust(), GoVersion.NEWEST)));
    }

    /** An address of this machine that could be anybody's: not loopback, not link-local. */
    private static InetAddress ownAddress() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> address instanceof Inet4Address && !TokenRealm.isOwnNetwork(address))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("this machine has no address but 127.0.0.1: give it one"));
        } catch (SocketException e) {
            throw new AssertionError(e);
        }
    }

    /** Names of *.test stand for public servers. */
    private static RegistryProbe probe() {
        return new RegistryProbe(
                name -> switch (name) {
                    case "reg.test", "other.test", "allowed.test" -> new InetAddress[] {ownAddress()};
                    case "loop.test" -> new InetAddress[] {InetAddress.getByName("127.0.0.1")};
                    case "metadata.test" -> new InetAddress[] {InetAddress.getByName("169.254.169.254")};
                    case "nowhere.test" -> throw new java.net.UnknownHostException(name);
                    default -> InetAddress.getAllByName(name);
                },
                Clock.systemUTC(),
                LoginMemory.NONE);
    }

    private static Registry registry(TinyRegistry registry, Set<String> realmHosts) {
        return new Registry(
                host(registry),
                trust(),
                false,
                Optional.of(new Registry.Login("robot", Secret.of("s3cret"))),
                realmHosts);
    }

    private static RegistryHost host(TinyRegistry registry) {
        return RegistryHost.parse("reg.test:" + registry.port());
    }

    private static Reference image(TinyRegistry registry) {
        return Reference.parse(host(registry) + "/app:1");
    }

    private static Trust trust() {
        try {
            return Trust.withCa(CA.pem().getBytes(US_ASCII));
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String sentence(Examination.Image image) {
        return image.fault().map(RegistryFault::sentence).orElse("no fault");
    }

    private static void assertNoLogin(TinyRegistry server) {
        assertThat(String.join("\n", server.asked())).doesNotContain(LOGIN);
    }

    private static String bearer(String realm) {
        return answer(401, "WWW-Authenticate: Bearer realm=\"" + realm + "\",service=\"s\"\r\n", "");
    }

    private static String basic() {
        return answer(401, "WWW-Authenticate: Basic realm=\"r\"\r\n", "");
    }

    private static String json(String body) {
        return answer(200, "Content-Type: application/json\r\n", body);
    }

    private static String answer(int status, String headers, String body) {
        return "HTTP/1.1 " + status + " X\r\n" + headers + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }
}
