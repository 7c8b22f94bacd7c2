package io.farrier.collector.store;

import io.farrier.feed.ByteRange;
import io.farrier.feed.Frame.Form;

/**
 * Whole lines of one source that arrived together, as they stand in the file.
 *
 * @param from offset in the file of the first byte
 * @param firstId of its first line; each line feed is one more
 * @param received epoch milliseconds, by the collector's clock
 * @param hasPartials whether one of them is a piece of a longer line
 * @param array holds the lines in {@code [start, end)}; nobody changes it
 */
record Chunk(
        Source source,
        long from,
        long firstId,
        int lines,
        long received,
        boolean hasPartials,
        byte[] array,
        int start,
        int end) {

    int length() {
        return end - start;
    }

    long to() {
        return from + length();
    }

    long lastId() {
        return firstId + lines - 1;
    }

    ByteRange range() {
        return new ByteRange(from, to());
    }

    /** Its bytes up to {@code at}, which is behind a line feed. */
    Chunk until(int at) {
        return new Chunk(source, from, firstId, count(array, start, at), received, hasPartials, array, start, at);
    }

    /** Its bytes from {@code at} on, which is behind a line feed. */
    Chunk since(int at) {
        int before = count(array, start, at);
        return new Chunk(
                source, from + at - start, firstId + before, lines - before, received, hasPartials, array, at, end);
    }

    /** Line feeds, and one more when the last line has none. */
    static int count(byte[] array, int start, int end) {
        int lines = 0;
        for (int at = start; at < end; at = LineFeeds.next(array, at, end) + 1) {
            lines++;
        }
        return lines;
    }

    /** Whether one of the lines is a piece of a longer one. */
    static boolean hasPartials(Form form, byte[] array, int start, int end) {
        if (form == Form.PLAIN) {
            return false;
        }
        LineShape shape = new LineShape();
        for (int at = start; at < end; ) {
            int feed = LineFeeds.next(array, at, end);
            shape.read(form, array, at, feed);
            if (shape.isPartial()) {
                return true;
            }
            at = feed + 1;
        }
        return false;
    }
}
