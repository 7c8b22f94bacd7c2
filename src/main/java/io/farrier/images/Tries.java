package io.farrier.images;

import io.farrier.image.Blob;
import io.farrier.registry.RegistryRefusal;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;

/** Asks a registry again what it could not answer, with growing pauses, and goes on reading where it broke off. */
final class Tries {
    private static final int MAX_ATTEMPTS = 6;

    private final Pauses pauses;

    Tries(Pauses pauses) {
        this.pauses = pauses;
    }

    interface Question<T> {
        T ask() throws IOException;
    }

    interface Reading {
        InputStream from(long offset) throws IOException;
    }

    <T> T of(Question<T> question) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return question.ask();
            } catch (InterruptedIOException hurried) {
                throw hurried;
            } catch (IOException failure) {
                pause(attempt, failure);
            }
        }
    }

    /** @throws IOException this one, when another try makes no sense */
    void pause(int attempt, IOException failure) throws IOException {
        boolean isFinal = failure instanceof RegistryRefusal refusal && !refusal.mayPass();
        if (isFinal || attempt >= MAX_ATTEMPTS || !PullFailure.mayPass(String.valueOf(failure.getMessage()))) {
            throw failure;
        }
        Optional<Duration> asked = failure instanceof RegistryRefusal refusal ? refusal.retryAfter() : Optional.empty();
        try {
            pauses.after(attempt, asked);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the transfer was interrupted");
        }
    }

    /** The rest of a blob, opened anew, where it was, whenever it breaks; only tries without a single byte count. */
    InputStream reading(Blob blob, long offset, Reading source) {
        return new Persistent(source, blob, offset);
    }

    private final class Persistent extends InputStream {
        private final Reading source;
        private final Blob blob;
        private long at;
        private int fruitless;
        private Optional<InputStream> open = Optional.empty();

        Persistent(Reading source, Blob blob, long offset) {
            this.source = source;
            this.blob = blob;
            this.at = offset;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            while (at < blob.size()) {
                try {
                    int count = stream().read(bytes, from, length);
                    if (count < 0) {
                        throw new EOFException("blob " + blob.digest() + " should have " + blob.size()
                                + " bytes and ended after " + at);
                    }
                    at += count;
                    fruitless = 0;
                    return count;
                } catch (InterruptedIOException hurried) {
                    throw hurried;
                } catch (IOException broken) {
                    close();
                    pause(++fruitless, broken);
                }
            }
            return -1;
        }

        private InputStream stream() throws IOException {
            if (open.isEmpty()) {
                open = Optional.of(source.from(at));
            }
            return open.get();
        }

        @Override
        public void close() throws IOException {
            if (open.isPresent()) {
                open.get().close();
                open = Optional.empty();
            }
        }
    }
}
