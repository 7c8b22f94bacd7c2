package io.farrier.testing;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** An HTTP server that gives the answers a test tells it, and remembers what it was asked. */
public final class CannedServer implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final Path folder;
    private final HttpServer server;

    private CannedServer(HttpServerOptions options, Consumer<HttpServerRequest> answers, Optional<String> host)
            throws Exception {
        folder = Files.createTempDirectory(Path.of("/tmp"), "canned"); // a socket's path is 107 bytes at most
        SocketAddress address = host.map(name -> SocketAddress.inetSocketAddress(0, name))
                .orElseGet(() -> SocketAddress.domainSocketAddress(socket().toString()));
        server = vertx.createHttpServer(options)
                .requestHandler(request -> {
                    asked.add(request.method() + " " + request.uri());
                    answers.accept(request);
                })
                .listen(address)
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }

    public static CannedServer onSocket(Consumer<HttpServerRequest> answers) throws Exception {
        return new CannedServer(new HttpServerOptions(), answers, Optional.empty());
    }

    /** On a port of 127.0.0.1. */
    public static CannedServer onPort(HttpServerOptions options, Consumer<HttpServerRequest> answers) throws Exception {
        return new CannedServer(options, answers, Optional.of("127.0.0.1"));
    }

    /** On a port of one of this machine's addresses, without TLS. */
    public static CannedServer onAddress(String address, Consumer<HttpServerRequest> answers) throws Exception {
        return new CannedServer(new HttpServerOptions(), answers, Optional.of(address));
    }

    public Path socket() {
        return folder.resolve("s");
    }

    public int port() {
        return server.actualPort();
    }

    /** {@code GET /path?query}, in the order they came. */
    public List<String> asked() {
        return List.copyOf(asked);
    }

    public void forget() {
        asked.clear();
    }

    @Override
    public void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        try {
            Files.deleteIfExists(socket());
            Files.deleteIfExists(folder);
        } catch (IOException left) {
            throw new AssertionError("could not tidy " + folder, left);
        }
    }
}
