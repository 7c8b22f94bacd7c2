package io.farrier.pki;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What PEM files hold, by their content: the same bytes say the same, and fifty unchanged registries are looked at again and
 * again.
 */
final class ParsedPems {
    /** A node trusts a handful of registries, each with one CA or a client pair. */
    static final int MAX_FILES = 256;

    /** A CA or a chain; the bundle of all public CAs is not kept in memory. */
    static final int MAX_BYTES = 16 * 1024;

    private final Function<byte[], List<Certificate>> parse;
    private final Map<Content, List<Certificate>> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Content, List<Certificate>> eldest) {
            return size() > MAX_FILES;
        }
    };

    ParsedPems(Function<byte[], List<Certificate>> parse) {
        this.parse = parse;
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

    /** What it throws is thrown again each time. */
    List<Certificate> of(byte[] pem) {
        if (pem.length > MAX_BYTES) {
            return parse.apply(pem);
        }
        synchronized (known) {
            return known.computeIfAbsent(new Content(pem.clone()), content -> parse.apply(content.bytes()));
        }
    }
}
