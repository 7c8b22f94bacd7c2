package io.farrier.feed;

/** {@code from} (inclusive) to {@code to} (exclusive), both file offsets. Never empty. */
public record ByteRange(long from, long to) {
    public ByteRange {
        if (from < 0 || to <= from) {
            throw new IllegalArgumentException("not a byte range: " + from + " to " + to);
        }
    }

    public long length() {
        return to - from;
    }
}
