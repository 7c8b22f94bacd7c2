package io.farrier.testing;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The real jar as a collector beside a practice node, and its API as a program with the viewer's secret sees it. */
public final class TestCollector implements AutoCloseable {
    public static final int PORT = 8470;

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final PracticeNode node;
    private RunningFarrier farrier;

    private TestCollector(PracticeNode node) {
        this.node = node;
        this.farrier = start();
    }

    /** Writes its configuration into the node's {@code /etc/farrier}, starts it, and gives the agent its CA and token. */
    public static TestCollector beside(PracticeNode node) {
        write(node.file("/etc/farrier/collector.yaml"), """
                listen: %s:%d
                state_dir: /var/lib/farrier/collector
                packages: /var/lib/farrier/collector/packages
                """.formatted(node.hostAddress(), PORT));
        TestCollector collector = new TestCollector(node);
        copy(collector.state("ca.crt"), node.file("/etc/farrier/certs/collector-ca.crt"));
        copy(collector.state("agent.token"), node.file("/etc/farrier/secrets/token"));
        return collector;
    }

    /** The section of farrier.yaml that connects a node to this collector. */
    public String section() {
        return """
                collector:
                  url: wss://%s:%d/feed
                  ca: certs/collector-ca.crt
                  token_file: secrets/token
                """.formatted(node.hostAddress(), PORT);
    }

    public void kill() {
        farrier.kill();
    }

    public void restart() {
        farrier = start();
    }

    public RunningFarrier farrier() {
        return farrier;
    }

    private RunningFarrier start() {
        RunningFarrier started = node.startFarrierOutside("collector", "--config", "/etc/farrier/collector.yaml");
        await().atMost(PATIENCE).until(() -> answers(started));
        return started;
    }

    private boolean answers(RunningFarrier started) {
        if (!started.isAlive()) {
            throw new AssertionError("the collector ended:\n" + started.output());
        }
        try {
            return Files.exists(state("ca.crt")) && get("/healthz").statusCode() == 200;
        } catch (UncheckedIOException notYet) {
            return false;
        }
    }

    /** {@code GET}s JSON with the viewer's secret. */
    public JsonNode api(String path) {
        HttpResponse<String> response = get(path);
        if (response.statusCode() != 200) {
            throw new AssertionError(path + " answered " + response.statusCode() + " " + response.body());
        }
        try {
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until what the API answers is as wanted; a node that it does not know yet is worth waiting for. */
    public JsonNode awaitApi(String path, Predicate<JsonNode> wanted) {
        JsonNode[] seen = {JSON.nullNode()};
        try {
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).until(() -> {
                seen[0] = get(path).statusCode() == 404 ? JSON.missingNode() : api(path);
                return wanted.test(seen[0]);
            });
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            throw new AssertionError("Waited " + PATIENCE + " for " + path + " and saw " + seen[0], e);
        }
        return seen[0];
    }

    public HttpResponse<String> get(String path) {
        try {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("https://" + node.hostAddress() + ":" + PORT + path))
                    .header(
                            "Authorization",
                            "Bearer " + Files.readString(state("viewer.token")).strip())
                    .timeout(Duration.ofSeconds(30))
                    .build();
            return client().send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while asking the collector", e);
        }
    }

    public static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    /** A file of the collector's state directory. */
    public Path state(String name) {
        return node.file("/var/lib/farrier/collector").resolve(name);
    }

    private HttpClient client() throws IOException {
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry(
                    "ca",
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(state("ca.crt")))));
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(trusted);
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, factory.getTrustManagers(), null);
            return HttpClient.newBuilder()
                    .sslContext(tls)
                    .connectTimeout(Duration.ofSeconds(10))
                    .build();
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(Path from, Path to) {
        try {
            Files.createDirectories(to.getParent());
            Files.deleteIfExists(to);
            Files.copy(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        farrier.close();
    }
}
