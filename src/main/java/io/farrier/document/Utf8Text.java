package io.farrier.document;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * The text of a file, and where things stand in it.
 *
 * @param mark the byte order mark, or nothing
 */
record Utf8Text(String mark, String text, int codePoints) {
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    Utf8Text(String mark, String text) {
        this(mark, text, text.codePointCount(0, text.length()));
    }

    /** @throws InvalidDocumentException when it is no UTF-8, or longer than {@code maxBytes} */
    static Utf8Text decode(byte[] bytes, int maxBytes) throws InvalidDocumentException {
        if (bytes.length > maxBytes) {
            throw new InvalidDocumentException(
                    1, 1, "it has " + bytes.length + " bytes; at most " + maxBytes + " are expected");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(in).toString();
            boolean isMarked = text.startsWith(BYTE_ORDER_MARK);
            return new Utf8Text(isMarked ? BYTE_ORDER_MARK : "", isMarked ? text.substring(1) : text);
        } catch (CharacterCodingException malformed) {
            String before = new String(bytes, 0, in.position(), StandardCharsets.UTF_8);
            throw problem(before, before.length(), "the bytes are not UTF-8");
        }
    }

    byte[] bytes() {
        return (mark + text).getBytes(StandardCharsets.UTF_8);
    }

    Utf8Text with(String newText) {
        return new Utf8Text(mark, newText);
    }

    /** A refusal that names line and column of the character at {@code offset}. */
    InvalidDocumentException problem(int offset, String saw) {
        return problem(text, offset, saw);
    }

    private static InvalidDocumentException problem(String text, int offset, String saw) {
        int at = Math.min(offset, text.length());
        int lineStart = at == 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
        int line = 1
                + (int) text.substring(0, lineStart)
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
        int column = 1 + text.codePointCount(lineStart, at);
        return new InvalidDocumentException(line, column, "line " + line + ", column " + column + ": " + saw);
    }

    /** The line ends that the file has. */
    String lineEnd() {
        return text.contains("\r\n") ? "\r\n" : "\n";
    }

    int lineStart(int offset) {
        return offset == 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
    }

    /** Behind the line end, or the end of the text. */
    int nextLine(int offset) {
        int end = text.indexOf('\n', offset);
        return end < 0 ? text.length() : end + 1;
    }

    Utf8Text splice(int from, int to, String replacement) {
        return with(text.substring(0, from) + replacement + text.substring(to));
    }

    /** Inserts whole lines; at the end of a text whose last line has no end, they get none either. */
    Utf8Text insertLines(int offset, String lines) {
        boolean isOpenEnd = offset == text.length() && !text.isEmpty() && !text.endsWith("\n");
        return isOpenEnd
                ? with(text
                        + lineEnd()
                        + lines.substring(0, lines.length() - lineEnd().length()))
                : splice(offset, offset, lines);
    }

    /** The opposite of {@link #insertLines}. */
    Utf8Text cutLines(int from, int to) {
        boolean isOpenEnd = to == text.length() && from > 0 && !text.endsWith("\n");
        return isOpenEnd ? with(text.substring(0, from).replaceFirst("\r?\n$", "")) : splice(from, to, "");
    }
}
