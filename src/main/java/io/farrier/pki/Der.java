package io.farrier.pki;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** As much of DER (X.690) as extensions of certificates need: single-byte tags and definite lengths. */
record Der(int tag, byte[] content) {
    private static final int NUMBER_BITS = 0x1f;
    private static final int LONG_LENGTH = 0x80;
    private static final int MAX_LENGTH_BYTES = 3; // 16 MB, more than a certificate may have

    /** The first element; empty for what is damaged. */
    static Optional<Der> parse(byte[] bytes) {
        return at(bytes, 0).map(Span::element);
    }

    private record Span(Der element, int end) {}

    private static Optional<Span> at(byte[] bytes, int start) {
        if (start + 2 > bytes.length) {
            return Optional.empty();
        }
        int length = bytes[start + 1] & 0xff;
        int from = start + 2;
        if (length >= LONG_LENGTH) {
            int lengthBytes = length - LONG_LENGTH;
            if (lengthBytes == 0 || lengthBytes > MAX_LENGTH_BYTES || from + lengthBytes > bytes.length) {
                return Optional.empty();
            }
            length = 0;
            for (int i = 0; i < lengthBytes; i++) {
                length = length << 8 | bytes[from++] & 0xff;
            }
        }
        int end = from + length;
        return end > bytes.length
                ? Optional.empty()
                : Optional.of(new Span(new Der(bytes[start] & 0xff, Arrays.copyOfRange(bytes, from, end)), end));
    }

    /** What is in it, as far as it is not damaged. */
    List<Der> children() {
        List<Der> children = new ArrayList<>();
        int next = 0;
        for (Optional<Span> span = at(content, 0); span.isPresent(); span = at(content, next)) {
            children.add(span.get().element());
            next = span.get().end();
        }
        return children;
    }

    /** The number of a context-specific tag. */
    int number() {
        return tag & NUMBER_BITS;
    }

    String text() {
        return new String(content, StandardCharsets.ISO_8859_1);
    }
}
