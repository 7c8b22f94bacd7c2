package io.farrier.transport;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/**
 * A request whose body is written as it comes, and its answer. A write returns when the connection has taken the bytes,
 * so no more than one piece is ever in memory. One thread writes and reads; any thread may close.
 */
public final class Upload implements AutoCloseable {
    /** Whoever hangs up in the middle of a body has usually said why; that word is on its way then. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    private final Request request;
    private final Context context;
    private final HttpClientRequest sent;
    private final HttpStream stream;
    private final CompletableFuture<HttpStream> head;

    Upload(
            Request request,
            Context context,
            HttpClientRequest sent,
            HttpStream stream,
            CompletableFuture<HttpStream> head) {
        this.request = request;
        this.context = context;
        this.sent = sent;
        this.stream = stream;
        this.head = head;
    }

    /**
     * Sends {@code length} bytes of {@code buffer}, which may be used again afterwards.
     *
     * @return false when the peer took no more of it and has answered: read {@link #answer}
     * @throws SilentPeerException when it took nothing for {@link Request#idle}
     */
    public boolean write(byte[] buffer, int length) throws IOException {
        Buffer piece = Buffer.buffer(Arrays.copyOf(buffer, length));
        try {
            Http.await(
                    Http.on(context, () -> sent.write(piece))
                            .toCompletionStage()
                            .toCompletableFuture(),
                    request,
                    request.idle(),
                    false);
            return true;
        } catch (SilentPeerException silent) {
            throw silent;
        } catch (IOException broken) {
            return hasAnswered(broken);
        }
    }

    private boolean hasAnswered(IOException broken) throws IOException {
        try {
            Http.await(head, request, LAST_WORDS, false);
            return false;
        } catch (IOException nothingSaid) {
            throw broken;
        }
    }

    /** Ends the body; the answer is waited for by {@link #answer}. */
    public void end() {
        context.runOnContext(v -> sent.end());
    }

    /** The answer's head, as soon as it is there; the body need not have ended. */
    public HttpStream answer() throws IOException {
        return Http.await(head, request, request.idle(), false);
    }

    /** Drops the connection unless the answer was read to its end. */
    @Override
    public void close() {
        stream.close();
    }
}
