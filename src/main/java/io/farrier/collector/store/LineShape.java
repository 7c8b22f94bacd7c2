package io.farrier.collector.store;

import io.farrier.feed.Frame.Form;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What the store must know of a raw line without decoding it: where the text is that people search, and whether the
 * line goes on in the next one of its stream. One object is used for all lines: no object per line on the hot path.
 */
final class LineShape {
    private static final byte[] DOCKER_HEAD = ascii("{\"log\":\"");
    private static final byte[] STREAM = ascii("\",\"stream\":\"std");
    private static final byte[] TIME = ascii("\",\"time\":\"");

    /** {@code stdout} or {@code stderr}, behind {@link #STREAM}. */
    private static final int STREAM_REST = 3;

    /** Labels that Docker adds to a line ({@code attrs}) stand behind the stream; more of them than this is no log. */
    private static final int MAX_DOCKER_TAIL = 4 << 10;

    private static final int MAX_CRI_TIME = 40;

    private int from;
    private int to;
    private int textFrom;
    private int textTo;
    private boolean partial;
    private boolean stderr;

    /** Looks at {@code line[start, end)}, one line without its line feed. */
    void read(Form form, byte[] line, int start, int end) {
        text(start, end);
        partial = false;
        stderr = false;
        switch (form) {
            case DOCKER -> readDocker(line, start, end);
            case CRI -> readCri(line, start, end);
            case PLAIN -> {}
        }
    }

    /** Outside of {@code [from, to)} no text can be: with a writer that leaves Docker's form, that is the whole line. */
    int from() {
        return from;
    }

    int to() {
        return to;
    }

    /** Where the text is, as it is written: Docker's stays escaped. */
    int textFrom() {
        return textFrom;
    }

    int textTo() {
        return textTo;
    }

    /** A piece of a longer line. What is not in its form is none. */
    boolean isPartial() {
        return partial;
    }

    boolean isStderr() {
        return stderr;
    }

    /** moby daemon/logger/jsonfilelog/jsonlog: log, stream, attrs (seldom), time, in this order. */
    private void readDocker(byte[] line, int start, int end) {
        int stream = streamOf(line, start, end);
        if (stream < 0) {
            return;
        }
        stderr = line[stream + STREAM.length] == 'e';
        partial = !endsWithLineFeed(line, start + DOCKER_HEAD.length, stream);
        text(start + DOCKER_HEAD.length, stream);
        if (!isTime(line, stream + STREAM.length + STREAM_REST, end)) {
            from = start;
            to = end;
        }
    }

    private void text(int start, int end) {
        from = start;
        to = end;
        textFrom = start;
        textTo = end;
    }

    private static int streamOf(byte[] line, int start, int end) {
        if (!startsWith(line, start, end, DOCKER_HEAD)) {
            return -1;
        }
        int lowest = Math.max(start + DOCKER_HEAD.length, end - MAX_DOCKER_TAIL);
        for (int at = end - STREAM.length - STREAM_REST; at >= lowest; at--) {
            if (line[at] == '"' && line[at + 1] == ',' && startsWith(line, at, end, STREAM)) {
                return at;
            }
        }
        return -1;
    }

    /** The escape {@code \n}, not an escaped backslash and an n. */
    private static boolean endsWithLineFeed(byte[] line, int start, int end) {
        int backslashes = 0;
        for (int at = end - 2; at >= start && line[at] == '\\'; at--) {
            backslashes++;
        }
        return backslashes % 2 == 1 && line[end - 1] == 'n';
    }

    /** Whether nothing but the time stands from {@code at} on, so that no text can hide there. */
    private static boolean isTime(byte[] line, int at, int end) {
        if (!startsWith(line, at, end, TIME) || line[end - 1] != '}' || line[end - 2] != '"') {
            return false;
        }
        for (int i = at + TIME.length; i < end - 2; i++) {
            if (line[i] == '"') {
                return false;
            }
        }
        return true;
    }

    /** {@code <RFC3339Nano> <stream> <tags> <content>}, containerd pkg/cri/io/logger.go. */
    private void readCri(byte[] line, int start, int end) {
        int stream = afterSpace(line, start, Math.min(end, start + MAX_CRI_TIME + 1));
        int tags = stream < 0 ? -1 : afterSpace(line, stream, end);
        int content = tags < 0 ? -1 : afterSpace(line, tags, end);
        if (content < 0 || tags - stream != STREAM_REST + 4) {
            return;
        }
        text(content, end);
        stderr = line[stream + STREAM_REST] == 'e';
        partial = line[tags] == 'P';
    }

    private static int afterSpace(byte[] line, int at, int end) {
        for (int i = at; i < end; i++) {
            if (line[i] == ' ') {
                return i + 1;
            }
        }
        return -1;
    }

    private static boolean startsWith(byte[] line, int at, int end, byte[] head) {
        return end - at >= head.length && Arrays.equals(line, at, at + head.length, head, 0, head.length);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
