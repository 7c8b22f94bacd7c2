package io.farrier.pki;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * One block of a PEM file, found as Go's {@code encoding/pem} finds it: {@code -----BEGIN} counts only at the start of a
 * line, and text around the blocks is ignored. Where Go silently skips a block that it cannot read, this refuses.
 *
 * @param line of its {@code -----BEGIN}, from 1
 */
record PemBlock(String label, byte[] der, int line) {
    /** The bundle of all public CAs has a quarter of this. */
    static final int MAX_BYTES = 1 << 20;

    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});
    private static final int DER_SEQUENCE = 0x30;
    private static final int DER_TWO_LENGTH_BYTES = 0x82;
    private static final int MAX_SHOWN = 60;

    /** The blocks in order; none in a file that holds no {@code -----BEGIN}. */
    static List<PemBlock> parseAll(byte[] bytes) {
        refuseWhatIsNoText(bytes);
        String[] lines = new String(bytes, StandardCharsets.ISO_8859_1).split("\n", -1);
        List<PemBlock> blocks = new ArrayList<>();
        for (int at = 0; at < lines.length; at++) {
            if (lines[at].startsWith(BEGIN)) {
                int end = endOf(lines, at);
                blocks.add(parse(lines, at, end));
                at = end;
            } else if (lines[at].contains(DASHES + "BEGIN")) {
                throw new InvalidPemException(
                        "is not readable: line " + (at + 1) + " has '-----BEGIN', but not at its start");
            }
        }
        return blocks;
    }

    /** What Go's decoder takes of {@code bytes}: it skips in silence whatever it cannot read, and so does this. */
    static List<PemBlock> takenByGo(byte[] bytes) {
        String[] lines = new String(bytes, StandardCharsets.ISO_8859_1).split("\n", -1);
        List<PemBlock> blocks = new ArrayList<>();
        for (int at = 0; at < lines.length; at++) {
            try {
                if (lines[at].startsWith(BEGIN)) {
                    int end = endOf(lines, at);
                    blocks.add(parse(lines, at, end));
                    at = end;
                }
            } catch (InvalidPemException skippedByGoAsWell) {
                continue;
            }
        }
        return blocks;
    }

    /** How a file holds one block: 64 characters a line (RFC 7468, section 2). */
    static String text(String label, byte[] der) {
        return BEGIN + label + DASHES + "\n" + LINES.encodeToString(der) + "\n" + END + label + DASHES + "\n";
    }

    /** What a file without the wanted block has instead. Only a line of dashes is shown: any other may be a password. */
    static String firstLine(byte[] bytes) {
        String[] lines = new String(bytes, StandardCharsets.ISO_8859_1).split("\n", -1);
        for (int at = 0; at < lines.length; at++) {
            if (!lines[at].isBlank()) {
                String line = lines[at].strip();
                return "line " + (at + 1)
                        + (line.startsWith(DASHES) ? " is '" + shown(line) + "'" : " is not '-----BEGIN ...-----'");
            }
        }
        return "it is empty";
    }

    private static void refuseWhatIsNoText(byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            throw new InvalidPemException("is larger than " + MAX_BYTES + " bytes");
        }
        if (bytes.length > 1 && (bytes[0] & 0xff) == DER_SEQUENCE && (bytes[1] & 0xff) == DER_TWO_LENGTH_BYTES) {
            throw new InvalidPemException("is DER, and only PEM is read: convert it with 'openssl x509 -inform der'");
        }
        if (bytes.length > 2 && (bytes[0] & 0xff) == 0xef && (bytes[1] & 0xff) == 0xbb) {
            throw new InvalidPemException("starts with a byte order mark, behind which Docker finds no certificate");
        }
    }

    private static int endOf(String[] lines, int begin) {
        for (int at = begin + 1; at < lines.length; at++) {
            if (lines[at].startsWith(END)) {
                return at;
            }
            if (lines[at].startsWith(BEGIN)) {
                break;
            }
        }
        throw new InvalidPemException("is cut short: what begins in line " + (begin + 1) + " has no '-----END' line");
    }

    private static PemBlock parse(String[] lines, int begin, int end) {
        String label = label(lines[begin], BEGIN, begin);
        if (!label.equals(label(lines[end], END, end))) {
            throw new InvalidPemException("is not readable: line " + (begin + 1) + " begins '" + shown(label)
                    + "', and line " + (end + 1) + " ends something else");
        }
        StringBuilder base64 = new StringBuilder();
        for (int at = begin + 1; at < end; at++) {
            if (lines[at].indexOf(':') >= 0) {
                throw new InvalidPemException("has headers inside a block (line " + (at + 1)
                        + "), as encrypted keys have; Docker and farrier cannot read it");
            }
            appendWithoutBlanks(base64, lines[at]);
        }
        return new PemBlock(label, decode(base64, begin), begin + 1);
    }

    private static void appendWithoutBlanks(StringBuilder base64, String line) {
        for (int at = 0; at < line.length(); at++) {
            char c = line.charAt(at);
            if (c != ' ' && c != '\t' && c != '\r') {
                base64.append(c);
            }
        }
    }

    private static String label(String line, String prefix, int at) {
        String text = line.stripTrailing();
        if (text.length() < prefix.length() + DASHES.length() || !text.endsWith(DASHES)) {
            throw new InvalidPemException(
                    "is not readable: line " + (at + 1) + " is '" + shown(text) + "', which does not end in '-----'");
        }
        return text.substring(prefix.length(), text.length() - DASHES.length());
    }

    private static byte[] decode(StringBuilder base64, int begin) {
        try {
            return Base64.getDecoder().decode(base64.toString());
        } catch (IllegalArgumentException notBase64) {
            throw new InvalidPemException("is damaged: what begins in line " + (begin + 1) + " is not base64");
        }
    }

    private static String shown(String text) {
        String printable = text.replaceAll("[^\\x20-\\x7e]", "?");
        return printable.length() <= MAX_SHOWN ? printable : printable.substring(0, MAX_SHOWN) + "...";
    }
}
