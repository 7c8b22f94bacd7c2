package io.farrier.collector;

import io.farrier.config.CollectorConfig;
import io.farrier.config.CollectorConfig.Listen;
import io.farrier.config.CollectorConfig.Retention;
import io.farrier.testing.MovableClock;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A collector in this process, and what a client of it needs: its CA, its two tokens, a clock that can be moved. */
final class RunningCollector implements AutoCloseable {
    private static final int DEADLINE_SECONDS = 60;

    final MovableClock clock = new MovableClock(Instant.now());
    final Path folder;
    private final Vertx vertx = Vertx.vertx();
    private final Collector collector;
    private final HttpClient client;

    RunningCollector(Path folder) throws Exception {
        this(folder, CollectorConfig.Lines.DEFAULT);
    }

    RunningCollector(Path folder, CollectorConfig.Lines lines) throws Exception {
        this.folder = folder;
        CollectorConfig config = new CollectorConfig(
                new Listen("127.0.0.1", 0),
                List.of(),
                folder,
                folder.resolve("packages"),
                new Retention(7, 1L << 30),
                lines,
                Optional.empty());
        this.collector = await(Collector.start(vertx, config, clock));
        this.client = HttpClient.newBuilder().sslContext(trustingTheCa()).build();
    }

    static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    URI uri(String path) {
        return URI.create("https://127.0.0.1:" + collector.port() + path);
    }

    String feed() {
        return "wss://127.0.0.1:" + collector.port() + "/feed";
    }

    Path ca() {
        return folder.resolve("ca.crt");
    }

    String agentToken() throws IOException {
        return Files.readString(folder.resolve("agent.token")).trim();
    }

    String viewerToken() throws IOException {
        return Files.readString(folder.resolve("viewer.token")).trim();
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(DEADLINE_SECONDS));
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Looks at the status and reads no body: some never end. */
    int status(HttpRequest.Builder request) throws Exception {
        HttpResponse<InputStream> response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        response.body().close();
        return response.statusCode();
    }

    /** What comes, until it is closed. */
    InputStream stream(String path) throws Exception {
        HttpRequest request =
                request(path).header("Authorization", "Bearer " + viewerToken()).build();
        return client.send(request, HttpResponse.BodyHandlers.ofInputStream()).body();
    }

    String viewed(String path) throws Exception {
        return send(request(path).header("Authorization", "Bearer " + viewerToken()))
                .body();
    }

    @Override
    public void close() throws Exception {
        await(collector.close());
        await(vertx.close());
    }

    private SSLContext trustingTheCa() throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream pem = Files.newInputStream(ca())) {
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }
}
