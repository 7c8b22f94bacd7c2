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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * An answer that is read as it comes. The event loop is asked for at most {@link Request#ahead} bytes, and a chunk
 * more, ahead of the reader; then the socket is not read and the peer waits. One thread reads; any thread may close.
 */
public final class HttpStream implements AutoCloseable {
    /** A peer may send its bytes one by one: so many chunks of whatever size wait at most. */
    private static final int MAX_CHUNKS = 1024;

    private final String name;
    private final Context context;
    private final HttpClientRequest request;
    private final boolean alone;
    private final int ahead;
    private final BlockingQueue<Mail> mailbox = new LinkedBlockingQueue<>();

    /** In the mailbox. */
    private final AtomicLong waitingBytes = new AtomicLong();

    /** No chunk is asked for until the reader has taken some. */
    private volatile boolean isStalled;

    private volatile @Nullable HttpClientResponse response;
    private volatile boolean closed;
    private volatile boolean ended;

    private sealed interface Mail {
        record Chunk(byte[] bytes) implements Mail {}

        record End() implements Mail {}

        record Broken(Throwable cause) implements Mail {}
    }

    /**
     * @param ahead how many bytes are taken from the peer before they are read
     * @param alone whether nothing else goes over its connection, which then ends with it
     */
    HttpStream(String name, Context context, HttpClientRequest request, int ahead, boolean alone) {
        this.name = name;
        this.ahead = ahead;
        this.context = context;
        this.request = request;
        this.alone = alone;
    }

    /** On the event loop, before it delivers anything. */
    HttpStream listen(HttpClientResponse head) {
        response = head;
        head.pause();
        head.handler(chunk -> took(head, chunk.getBytes()));
        head.endHandler(end -> {
            post(new Mail.End());
            if (alone) {
                request.connection().close();
            }
        });
        head.exceptionHandler(cause -> post(new Mail.Broken(cause)));
        head.fetch(1);
        return this;
    }

    private void took(HttpClientResponse head, byte[] chunk) {
        waitingBytes.addAndGet(chunk.length);
        post(new Mail.Chunk(chunk));
        if (!hasRoom()) {
            isStalled = true;
            // What the reader took before it could see that counts too.
            if (!hasRoom()) {
                return;
            }
            isStalled = false;
        }
        head.fetch(1);
    }

    private boolean hasRoom() {
        return waitingBytes.get() < ahead && mailbox.size() < MAX_CHUNKS;
    }

    private void goOn() {
        if (isStalled && hasRoom()) {
            isStalled = false;
            head().fetch(1);
        }
    }

    private void post(Mail mail) {
        mailbox.add(mail);
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
            waitingBytes.addAndGet(-chunk.bytes().length);
            if (isStalled) {
                context.runOnContext(v -> goOn());
            }
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

    /** True when {@link #read} would not wait: bytes are there, or the end of them. */
    public boolean isReady() {
        return ended || closed || !mailbox.isEmpty();
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
