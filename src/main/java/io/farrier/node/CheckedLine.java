package io.farrier.node;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.CRC32C;

/** {@code <crc32c, 8 hex> <content>}: a line of a state file that tells by itself whether it is whole. */
public final class CheckedLine {
    static final int CHECKSUM_CHARS = 8;

    private CheckedLine() {}

    /** Without a line end, as the content is. */
    public static byte[] of(byte[] content) {
        byte[] line = Arrays.copyOf(checksum(content).getBytes(US_ASCII), CHECKSUM_CHARS + 1 + content.length);
        line[CHECKSUM_CHARS] = ' ';
        System.arraycopy(content, 0, line, CHECKSUM_CHARS + 1, content.length);
        return line;
    }

    /** What the line says, if it is as it was written. */
    public static Optional<byte[]> content(byte[] line) {
        if (line.length <= CHECKSUM_CHARS || line[CHECKSUM_CHARS] != ' ') {
            return Optional.empty();
        }
        byte[] content = Arrays.copyOfRange(line, CHECKSUM_CHARS + 1, line.length);
        String written = new String(line, 0, CHECKSUM_CHARS, US_ASCII);
        return Optional.of(content).filter(whole -> checksum(whole).equals(written));
    }

    static String checksum(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
