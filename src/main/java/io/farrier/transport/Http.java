package io.farrier.transport;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * HTTP over tcp, tls and unix sockets for threads that may wait. Redirects are not followed: who asks decides where its
 * credentials go.
 */
public final class Http implements AutoCloseable {
    private static final int MAX_CONNECTIONS = 32; // to one peer: pulls, watches, a forecast's parallel questions
    private static final int MAX_HEADER_BYTES = 64 * 1024; // registries put signed URLs into Location
    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;
    private static final int KEEP_ALIVE_SECONDS = 15;

    private final Vertx vertx;
    private final Client http1;
    private final Client http2;

    /** @param vertx shared with the rest of the process; it outlives this object */
    public Http(Vertx vertx) {
        this.vertx = vertx;
        this.http1 = new Client(Http::options);
        this.http2 = new Client(
                () -> options().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
    }

    private static HttpClientOptions options() {
        return new HttpClientOptions()
                .setConnectTimeout(CONNECT_TIMEOUT_MILLIS)
                .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                .setDecompressionSupported(false);
    }

    private static HttpClientAgent client(Vertx vertx, HttpClientOptions options) {
        return vertx.httpClientBuilder()
                .with(options)
                .with(new PoolOptions().setHttp1MaxSize(MAX_CONNECTIONS))
                .build();
    }

    /**
     * Asks and waits for the whole answer, whatever its status.
     *
     * @throws UnreachableException when nobody could be talked to
     * @throws SilentPeerException when {@code deadline} passed
     * @throws IOException when the answer broke off or is larger than {@link Request#maxBody}
     */
    public Response call(Request request, Duration deadline) throws IOException {
        long end = System.nanoTime() + deadline.toNanos();
        try (HttpStream stream = open(request.withIdle(shorter(request.idle(), deadline)))) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            for (byte[] chunk = next(stream, request, end); chunk.length > 0; chunk = next(stream, request, end)) {
                if (body.size() + chunk.length > request.maxBody()) {
                    throw new IOException(request + " answered with more than the " + request.maxBody()
                            + " bytes that are accepted.");
                }
                body.write(chunk);
            }
            return new Response(stream.status(), stream.headers(), body.toByteArray());
        }
    }

    private static byte[] next(HttpStream stream, Request request, long end) throws IOException {
        Duration left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
        return stream.read(shorter(request.idle(), left)).orElse(new byte[0]);
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    /**
     * Asks and returns as soon as the head of the answer is there; the body is read as it comes.
     *
     * @throws UnreachableException when nobody could be talked to
     * @throws SilentPeerException when no head came within {@link Request#idle}
     */
    public HttpStream open(Request request) throws IOException {
        return open(http1, request);
    }

    /** The same over HTTP/2 with prior knowledge, as gRPC wants it. */
    HttpStream openHttp2(Request request) throws IOException {
        return open(http2, request);
    }

    private HttpStream open(Client client, Request request) throws IOException {
        if (Context.isOnEventLoopThread()) {
            throw new IllegalStateException("tried to wait for " + request + " on an event loop");
        }
        Context context = vertx.getOrCreateContext();
        long end = System.nanoTime() + request.idle().toNanos();
        HttpClientRequest sent = connect(client, request, context);
        HttpStream stream =
                new HttpStream(request.toString(), context, sent, request.ahead(), isAlone(client, request));
        boolean opened = false;
        try {
            Duration left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
            await(on(context, () -> send(sent, request, stream)), request, left, false);
            opened = true;
            return stream;
        } finally {
            if (!opened) {
                stream.close();
            }
        }
    }

    private HttpClientRequest connect(Client client, Request request, Context context) throws IOException {
        RequestOptions target = target(request);
        HttpClientAgent agent = client.agent();
        if (!isAlone(client, request)) {
            return await(on(context, () -> agent.request(target)), request, request.idle(), true);
        }
        HttpConnectOptions peer =
                new HttpConnectOptions().setServer(target.getServer()).setHost(target.getHost());
        Future<HttpClientRequest> asked =
                on(context, () -> agent.connect(peer).compose(connection -> connection.request(target)));
        try {
            return await(asked, request, request.idle(), true);
        } catch (IOException tooLate) {
            asked.onSuccess(unwanted -> unwanted.connection().close());
            throw tooLate;
        }
    }

    /**
     * Over a connection of its own: a pooled one would meet a restarted daemon dead, and a new one costs 0.1 ms here. It ends
     * with its stream. The daemon is not asked to end it, because Vert.x forgets what a slow reader has not taken by then.
     */
    private boolean isAlone(Client client, Request request) {
        return client == http1 && request.endpoint() instanceof Endpoint.Unix;
    }

    /**
     * Begins a request whose body the caller writes piece by piece; what {@link Request#body} holds is not sent.
     *
     * @param length of the body, when it is known; it is sent in chunks otherwise
     * @throws UnreachableException when nobody could be talked to
     */
    public Upload upload(Request request, OptionalLong length) throws IOException {
        return upload(http1, request, length);
    }

    /** The same over HTTP/2, where both sides may speak at once. */
    Upload uploadHttp2(Request request) throws IOException {
        return upload(http2, request, OptionalLong.empty());
    }

    private Upload upload(Client client, Request request, OptionalLong length) throws IOException {
        if (Context.isOnEventLoopThread()) {
            throw new IllegalStateException("tried to wait for " + request + " on an event loop");
        }
        Context context = vertx.getOrCreateContext();
        HttpClientRequest sent = connect(client, request, context);
        if (length.isPresent()) {
            sent.putHeader("Content-Length", Long.toString(length.getAsLong()));
        } else if (client == http1) {
            sent.setChunked(true);
        }
        HttpStream stream =
                new HttpStream(request.toString(), context, sent, request.ahead(), isAlone(client, request));
        // The listener is there before the first byte leaves: an answer may come before the body ends.
        CompletableFuture<HttpStream> head = new CompletableFuture<>();
        context.runOnContext(v -> answer(sent, stream).onComplete(head::complete, head::completeExceptionally));
        return new Upload(request, context, sent, stream, head);
    }

    /** The listener is there before the request leaves: bytes that come before it are lost. */
    private static Future<HttpStream> send(HttpClientRequest sent, Request request, HttpStream stream) {
        Future<HttpStream> head = answer(sent, stream);
        sent.end(Buffer.buffer(request.body()));
        return head;
    }

    private static Future<HttpStream> answer(HttpClientRequest sent, HttpStream stream) {
        // The answer breaks too, and is listened to; what nobody listens to, Vert.x writes to stderr.
        sent.exceptionHandler(broken -> {});
        return sent.response().map(stream::listen);
    }

    /** Does {@code work} on the event loop, where all that belongs to one connection must be done. */
    static <T> Future<T> on(Context context, Supplier<Future<T>> work) {
        Promise<T> done = Promise.promise();
        context.runOnContext(
                v -> Future.<Void>succeededFuture().compose(go -> work.get()).onComplete(done));
        return done.future();
    }

    private static RequestOptions target(Request request) throws IOException {
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.valueOf(request.method()))
                .setURI(request.target())
                .setFollowRedirects(false);
        request.headers().forEach(options::putHeader);
        if (request.endpoint() instanceof Endpoint.Unix unix) {
            return options.setServer(
                            SocketAddress.domainSocketAddress(unix.socket().toString()))
                    .setHost("localhost");
        }
        if (request.endpoint() instanceof Endpoint.Tls tls) {
            return options.setHost(tls.host())
                    .setPort(tls.port())
                    .setSsl(true)
                    .setSslOptions(tls.trust().options());
        }
        Endpoint.Tcp tcp = (Endpoint.Tcp) request.endpoint();
        return options.setHost(tcp.host()).setPort(tcp.port());
    }

    private static <T> T await(Future<T> future, Request request, Duration deadline, boolean connecting)
            throws IOException {
        return await(future.toCompletionStage().toCompletableFuture(), request, deadline, connecting);
    }

    static <T> T await(CompletableFuture<T> future, Request request, Duration deadline, boolean connecting)
            throws IOException {
        try {
            return future.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new SilentPeerException(
                    request + " got no answer within " + HttpStream.seconds(request.idle()) + ".");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(request + " was interrupted.");
        } catch (ExecutionException e) {
            throw failure(request, e.getCause() == null ? e : e.getCause(), connecting);
        }
    }

    private static IOException failure(Request request, Throwable cause, boolean connecting) {
        String saw = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return connecting
                ? new UnreachableException("Tried " + request.endpoint() + ": " + saw, cause)
                : new IOException(request + " failed: " + saw, cause);
    }

    /** Made when first needed: an agent is ready before it asks anybody, and few nodes speak both versions. */
    private final class Client {
        private final Supplier<HttpClientOptions> options;
        private @Nullable HttpClientAgent made;

        Client(Supplier<HttpClientOptions> options) {
            this.options = options;
        }

        synchronized HttpClientAgent agent() {
            HttpClientAgent known = made;
            if (known == null) {
                known = client(vertx, options.get());
                made = known;
            }
            return known;
        }

        synchronized void close() {
            if (made != null) {
                made.close();
            }
        }
    }

    @Override
    public void close() {
        http1.close();
        http2.close();
    }
}
