package io.farrier.testing;

import io.farrier.pki.issue.CertificateAuthority;
import io.farrier.pki.issue.CertifiedKey;
import io.farrier.pki.issue.ServerNames;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.PemKeyCertOptions;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A registry over TLS that wants a token, serves images from memory, and goes wrong where a test tells it to. */
public final class FaultyRegistry implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final CertificateAuthority ca =
            CertificateAuthority.create("A registry that goes wrong", Clock.systemUTC());
    private final Map<String, byte[]> content = new ConcurrentHashMap<>();
    private final Map<String, String> types = new ConcurrentHashMap<>();
    private final Map<String, Deque<Fault>> faults = new ConcurrentHashMap<>();
    private final Map<String, Fault> forEver = new ConcurrentHashMap<>();
    private final Set<String> tokens = ConcurrentHashMap.newKeySet();
    private final List<Fault> happened = new CopyOnWriteArrayList<>();
    private final AtomicInteger number = new AtomicInteger();
    private final HttpServer server;
    private final String address;

    /** How a request can go wrong. */
    public enum Fault {
        TOO_MANY_REQUESTS,
        ERROR_500,
        RESET,
        STALL,
        TRUNCATED,
        WRONG_BYTES,
        EXPIRED_TOKEN,
        MISSING
    }

    /** @param address one of this machine's, which the node reaches */
    public FaultyRegistry(String address) throws Exception {
        this.address = address;
        CertifiedKey key = ca.issueServer(ServerNames.of(List.of(address)), Clock.systemUTC());
        HttpServerOptions options = new HttpServerOptions()
                .setSsl(true)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .setCertValue(Buffer.buffer(key.chainPem()))
                        .setKeyValue(Buffer.buffer(key.keyPem().reveal())));
        server = vertx.createHttpServer(options)
                .requestHandler(this::answer)
                .listen(0, address)
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }

    public String host() {
        return address + ":" + server.actualPort();
    }

    public String caPem() {
        return ca.certificatePem();
    }

    /** Every fault that a request met, in order. */
    public List<Fault> happened() {
        return List.copyOf(happened);
    }

    /** Serves it under the path and tag of its name. */
    public void serve(TinyImage image) {
        String path = "/v2/" + image.name().path();
        String digest = image.manifest().digest().value();
        image.blobs().forEach((each, bytes) -> content.put(path + "/blobs/" + each, bytes));
        List.of(digest, image.name().tag().orElseThrow()).forEach(which -> {
            content.put(path + "/manifests/" + which, image.manifest().bytes());
            types.put(path + "/manifests/" + which, image.manifest().mediaType());
        });
    }

    /** Serves these bytes as a manifest: what is no image, or no image of this platform. */
    public void serveManifest(String repository, String tag, String mediaType, byte[] bytes) {
        for (String which : List.of(tag, io.farrier.image.Sha256.of(bytes))) {
            String path = "/v2/" + repository + "/manifests/" + which;
            content.put(path, bytes);
            types.put(path, mediaType);
        }
    }

    /** The next requests for one part of an image go wrong, one after the other. */
    public void fail(String path, List<Fault> next) {
        faults.computeIfAbsent(path, any -> new ArrayDeque<>()).addAll(next);
    }

    public void failForEver(String path, Fault fault) {
        forEver.put(path, fault);
    }

    private void answer(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        if (request.path().equals("/token")) {
            String token = "t" + number.incrementAndGet();
            tokens.add("Bearer " + token);
            response.putHeader("Content-Type", "application/json")
                    .end("{\"token\":\"" + token + "\",\"expires_in\":300}");
            return;
        }
        String authorization = String.valueOf(request.getHeader("Authorization"));
        if (!tokens.contains(authorization)) {
            unauthorized(response);
            return;
        }
        if (request.path().equals("/v2/")) {
            response.end("{}");
            return;
        }
        Optional<Fault> fault = next(request.path());
        fault.ifPresent(happened::add);
        byte[] bytes = content.get(request.path());
        if (bytes == null || fault.equals(Optional.of(Fault.MISSING))) {
            response.setStatusCode(404).end("{\"errors\":[{\"code\":\"BLOB_UNKNOWN\",\"message\":\"blob unknown\"}]}");
        } else if (fault.isPresent()) {
            goWrong(fault.get(), request, bytes, authorization);
        } else {
            right(request, bytes);
        }
    }

    private Optional<Fault> next(String path) {
        Deque<Fault> queue = faults.get(path);
        synchronized (this) {
            return Optional.ofNullable(queue == null ? null : queue.poll())
                    .or(() -> Optional.ofNullable(forEver.get(path)));
        }
    }

    private void unauthorized(HttpServerResponse response) {
        response.setStatusCode(401)
                .putHeader("WWW-Authenticate", "Bearer realm=\"https://" + host() + "/token\",service=\"faulty\"")
                .end("{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\"}]}");
    }

    private void right(HttpServerRequest request, byte[] bytes) {
        String range = request.getHeader("Range");
        if (range != null && request.method().name().equals("GET")) {
            int from = Integer.parseInt(range.replaceAll("bytes=(\\d+)-.*", "$1"));
            head(request, bytes.length - from)
                    .setStatusCode(206)
                    .putHeader("Content-Range", "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length)
                    .end(Buffer.buffer(bytes).slice(from, bytes.length));
            return;
        }
        HttpServerResponse response = head(request, bytes.length);
        if (request.method().name().equals("HEAD")) {
            response.end();
        } else {
            response.end(Buffer.buffer(bytes));
        }
    }

    private HttpServerResponse head(HttpServerRequest request, int length) {
        HttpServerResponse response = request.response()
                .putHeader("Docker-Distribution-Api-Version", "registry/2.0")
                .putHeader("Content-Type", types.getOrDefault(request.path(), "application/octet-stream"))
                .putHeader("Content-Length", Integer.toString(length));
        if (types.containsKey(request.path())) {
            response.putHeader("Docker-Content-Digest", io.farrier.image.Sha256.of(content.get(request.path())));
        }
        return response;
    }

    private void goWrong(Fault fault, HttpServerRequest request, byte[] bytes, String authorization) {
        boolean isHead = request.method().name().equals("HEAD");
        switch (fault) {
            case TOO_MANY_REQUESTS ->
                request.response()
                        .setStatusCode(429)
                        .putHeader("Retry-After", "1")
                        .end("{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"slow down\"}]}");
            case ERROR_500, MISSING -> request.response().setStatusCode(500).end();
            case EXPIRED_TOKEN -> {
                tokens.remove(authorization);
                unauthorized(request.response());
            }
            case WRONG_BYTES -> {
                byte[] wrong = bytes.clone();
                wrong[wrong.length / 2] ^= 1;
                right(request, isHead ? bytes : wrong);
            }
            case TRUNCATED -> {
                if (isHead) {
                    right(request, bytes);
                } else {
                    head(request, bytes.length / 2).end(Buffer.buffer(bytes).slice(0, bytes.length / 2));
                }
            }
            case RESET, STALL -> {
                HttpServerResponse response = head(request, bytes.length);
                if (isHead && fault == Fault.STALL) {
                    return;
                }
                response.write(Buffer.buffer(bytes).slice(0, isHead ? 0 : bytes.length / 2))
                        .onComplete(done -> {
                            if (fault == Fault.RESET) {
                                request.connection().close();
                            }
                        });
            }
        }
    }

    @Override
    public void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}
