package io.farrier.registry;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** HTTP/1.1 on a connection that was opened step by step. All that comes is bounded; nothing is followed. */
final class HttpWords {
    private static final int MAX_HEAD_BYTES = 64 * 1024; // registries put signed URLs into Location
    private static final int MAX_LINE_BYTES = 1024; // of a chunk's size
    private static final int SHOWN_CHARS = 40;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3})(?: (.*))?");

    private final Socket socket;
    private final InputStream in;

    HttpWords(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    /**
     * @param maxBody how many bytes of answer are accepted
     * @param headers beside Host, User-Agent and Connection; never printed
     */
    record Question(String method, String target, Map<String, String> headers, int maxBody) {
        String text(Door door) {
            boolean isProxied = door.plain() && door.proxy().isPresent();
            StringBuilder text = new StringBuilder(method)
                    .append(' ')
                    .append(isProxied ? "http://" + door.address() : "")
                    .append(target)
                    .append(" HTTP/1.1\r\nHost: ")
                    .append(door.address())
                    .append("\r\nUser-Agent: farrier\r\nConnection: close\r\n");
            headers.forEach((name, value) -> text.append(name)
                    .append(": ")
                    .append(value.replaceAll("[\\r\\n]", ""))
                    .append("\r\n"));
            return text.append("\r\n").toString();
        }
    }

    /** @param headers by lower-case name */
    record Head(int status, String reason, Map<String, String> headers) {}

    record Answer(int status, Map<String, String> headers, byte[] body) {
        Optional<String> header(String name) {
            return Optional.ofNullable(headers.get(name));
        }
    }

    /** What came is no HTTP. */
    static final class NotHttpException extends IOException {
        private static final long serialVersionUID = 1L;

        private final String words;

        NotHttpException(String line) {
            super("no HTTP");
            this.words = "net/http: HTTP/1.x transport connection broken: malformed HTTP response \"" + line + "\"";
        }

        /** Go's. */
        String words() {
            return words;
        }
    }

    void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    Answer answer(Question question) throws IOException {
        Head head = head();
        byte[] body = question.method().equals("HEAD") ? new byte[0] : body(head, question.maxBody());
        return new Answer(head.status(), head.headers(), body);
    }

    Head head() throws IOException {
        int[] left = {MAX_HEAD_BYTES};
        String first = line(left);
        Matcher status = STATUS.matcher(first);
        if (!status.matches()) {
            throw new NotHttpException(shown(first));
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line = line(left); !line.isEmpty(); line = line(left)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.putIfAbsent(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
        }
        String reason = Optional.ofNullable(status.group(2)).orElse("");
        return new Head(Integer.parseInt(status.group(1)), reason, headers);
    }

    private static String shown(String line) {
        StringBuilder shown = new StringBuilder();
        for (char c : line.substring(0, Math.min(line.length(), SHOWN_CHARS)).toCharArray()) {
            shown.append(c >= ' ' && c < 0x7f ? String.valueOf(c) : String.format("\\x%02x", (int) c));
        }
        return shown.toString();
    }

    private String line(int[] left) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0 && line.length() > 0) {
                throw new NotHttpException(shown(line.toString()));
            }
            if (c < 0) {
                throw new EOFException("the connection ended");
            }
            if (--left[0] < 0) {
                throw new IOException("its head has more than the " + MAX_HEAD_BYTES + " bytes that are accepted");
            }
            line.append((char) c);
        }
        int length = line.length();
        return length > 0 && line.charAt(length - 1) == '\r' ? line.substring(0, length - 1) : line.toString();
    }

    private byte[] body(Head head, int max) throws IOException {
        if (head.headers()
                .getOrDefault("transfer-encoding", "")
                .toLowerCase(Locale.ROOT)
                .endsWith("chunked")) {
            return chunks(max);
        }
        int length = length(head);
        byte[] body = in.readNBytes(Math.min(length, max + 1));
        if (body.length > max) {
            throw tooMuch(max);
        }
        return body;
    }

    /** What is announced, or no end. */
    private static int length(Head head) {
        String announced = head.headers().getOrDefault("content-length", "");
        boolean isBelow1G = announced.matches("\\d{1,9}");
        return isBelow1G ? Integer.parseInt(announced) : Integer.MAX_VALUE;
    }

    private byte[] chunks(int max) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = chunkSize(); size > 0; size = chunkSize()) {
            if (size > max - body.size()) {
                throw tooMuch(max);
            }
            body.writeBytes(in.readNBytes(size));
            line(new int[] {MAX_LINE_BYTES});
        }
        return body.toByteArray();
    }

    private int chunkSize() throws IOException {
        String line = line(new int[] {MAX_LINE_BYTES}).replaceFirst(";.*", "").strip();
        try {
            return Integer.parseInt(line, 16);
        } catch (NumberFormatException strange) {
            throw new IOException("a chunk has no size", strange);
        }
    }

    private static IOException tooMuch(int max) {
        return new IOException("its answer has more than the " + max + " bytes that are accepted");
    }
}
