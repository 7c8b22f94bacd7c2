package io.farrier.transport;

import io.vertx.core.Context;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An answer that is read as it comes. The event loop is asked for at most {@link #MAILBOX_CHUNKS} chunks ahead of the
 * reader; then the socket is not read and the peer waits. One thread reads; any thread may close.
 */
public final class HttpStream implements AutoCloseable {
    /** A chunk is one read of the socket, 64 KB at most: 1 MB for each stream nobody reads. */
    private static final int MAILBOX_CHUNKS = 16;

    private final String name;
    private final Context context;
    private final HttpClientRequest request;
    private final boolean alone;
    /** Room for the chunks asked for and for the one word that ends them. */
    private final BlockingQueue<Mail> mailbox = new ArrayBlockingQueue<>(MAILBOX_CHUNKS + 2);

    private volatile @Nullable HttpClientResponse response;
    private volatile boolean closed;
    private volatile boolean ended;

    private sealed interface Mail {
        record Chunk(byte[] bytes) implements Mail {}

        record End() implements Mail {}

        record Broken(Throwable cause) implements Mail {}
    }

    /** @param alone whether nothing else goes over its connection, which then ends with it */
    HttpStream(String name, Context context, HttpClientRequest request, boolean alone) {
        this.name = name;
        this.context = context;
        this.request = request;
        this.alone = alone;
    }

    /** On the event loop, before it delivers anything. */
    HttpStream listen(HttpClientResponse head) {
        response = head;
        head.pause();
        head.handler(chunk -> post(new Mail.Chunk(chunk.getBytes())));
        head.endHandler(end -> {
            post(new Mail.End());
            if (alone) {
                request.connection().close();
            }
        });
        head.exceptionHandler(cause -> post(new Mail.Broken(cause)));
        head.fetch(MAILBOX_CHUNKS);
        return this;
    }

    private void post(Mail mail) {
        // It is full only of chunks that were asked for, or when a stream breaks twice; the first word counts.
        mailbox.offer(mail);
    }

    public int status() {
        return head().statusCode();
    }

    /** By lower-case name. */
    public Map<String, List<String>> headers() {
        Map<String, List<String>> headers = new TreeMap<>();
        head().headers()
                .names()
                .forEach(key -> headers.put(
                        key.toLowerCase(Locale.ROOT), head().headers().getAll(key)));
        return headers;
    }

    /** A trailer, once {@link #read} said that the body has ended. */
    Optional<String> trailer(String key) {
        return Optional.ofNullable(head().trailers().get(key));
    }

    private HttpClientResponse head() {
        HttpClientResponse head = response;
        if (head == null) {
            throw new IllegalStateException(name + " has no answer yet");
        }
        return head;
    }

    /**
     * The next bytes as they came; empty once the body has ended.
     *
     * @throws SilentPeerException when nothing came for {@code idle}
     * @throws IOException when the connection broke or the stream was closed
     */
    public Optional<byte[]> read(Duration idle) throws IOException {
        if (ended) {
            return Optional.empty();
        }
        if (closed) {
            throw new IOException(name + " was closed.");
        }
        Mail mail = take(idle);
        if (mail == null) {
            throw new SilentPeerException(name + " was silent for " + seconds(idle) + ".");
        }
        if (mail instanceof Mail.Chunk chunk) {
            context.runOnContext(v -> head().fetch(1));
            return Optional.of(chunk.bytes());
        }
        if (mail instanceof Mail.Broken broken) {
            throw new IOException(
                    closed
                            ? name + " was closed."
                            : name + " broke off: " + broken.cause().getMessage(),
                    broken.cause());
        }
        ended = true;
        return Optional.empty();
    }

    private @Nullable Mail take(Duration idle) throws IOException {
        try {
            return mailbox.poll(idle.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(name + " was interrupted.");
        }
    }

    static String seconds(Duration duration) {
        return duration.toMillis() < 1000 ? duration.toMillis() + " ms" : duration.toSeconds() + " s";
    }

    /** Drops the connection unless the answer was read to its end; a reader that waits is woken. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (!ended) {
            context.runOnContext(v -> request.reset());
        }
        post(new Mail.Broken(new IOException("closed")));
    }

    /** Only for messages. */
    @Override
    public String toString() {
        return name;
    }
}
