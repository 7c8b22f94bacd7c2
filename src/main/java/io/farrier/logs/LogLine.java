package io.farrier.logs;

import java.nio.charset.StandardCharsets;

/**
 * One line as its container wrote it, whatever pieces its file holds it in.
 *
 * @param time of its first piece, as it stands in the file; empty where the file says none
 * @param stream {@code stdout} or {@code stderr}; empty where the file does not say
 * @param text without the line end
 */
public record LogLine(String time, String stream, String text) {
    /** The bytes as the container wrote them, as far as they were UTF-8. */
    public byte[] bytes() {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
