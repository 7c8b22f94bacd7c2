package io.farrier.image;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What files say, by their content: the same bytes say the same, and those of fifty unchanged registries are looked at
 * again and again.
 *
 * @param <T> unchangeable
 */
public final class ByContent<T> {
    /** A node trusts a handful of registries, each with a file or a pair of a kind. */
    static final int MAX_FILES = 256;

    /** A CA, a chain, a hosts.toml; the bundle of all public CAs is not kept in memory. */
    static final int MAX_BYTES = 16 * 1024;

    private final Map<Content, T> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Content, T> eldest) {
            return size() > MAX_FILES;
        }
    };

    /** Makes of bytes what they say. */
    @FunctionalInterface
    public interface Parser<T, E extends Exception> {
        T parse(byte[] bytes) throws E;
    }

    private record Content(byte[] bytes) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Content that && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }

    /**
     * @param parser the same at each call
     * @throws E what the parser throws, each time again
     */
    public <E extends Exception> T of(byte[] bytes, Parser<T, E> parser) throws E {
        if (bytes.length > MAX_BYTES) {
            return parser.parse(bytes);
        }
        synchronized (known) {
            T said = known.get(new Content(bytes));
            if (said == null) {
                Content content = new Content(bytes.clone());
                said = parser.parse(content.bytes());
                known.put(content, said);
            }
            return said;
        }
    }
}
