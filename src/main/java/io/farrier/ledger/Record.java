package io.farrier.ledger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** One file of the ledger: a line {@code farrier-ledger 1 <sha256 of the rest>}, then JSON. */
final class Record {
    private static final String MAGIC = "farrier-ledger 1 ";
    private static final int HEAD_CHARS = MAGIC.length() + 64 + 1;
    private static final JsonMapper JSON = new JsonMapper();

    private Record() {}

    static byte[] bytes(JsonNode body) {
        String text = text(body) + "\n";
        String sum = sha256(text.getBytes(StandardCharsets.UTF_8), 0);
        return (MAGIC + sum + "\n" + text).getBytes(StandardCharsets.UTF_8);
    }

    static String text(JsonNode body) {
        try {
            return JSON.writeValueAsString(body);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a tree is always JSON", impossible);
        }
    }

    static JsonNode parse(Path file, byte[] bytes) throws IOException {
        String head = new String(bytes, 0, Math.min(bytes.length, HEAD_CHARS), StandardCharsets.ISO_8859_1);
        int lineEnd = head.indexOf('\n');
        if (lineEnd < 0 || !head.startsWith(MAGIC)) {
            throw new CorruptLedgerException(file, "it does not begin as a record of this version");
        }
        int bodyAt = lineEnd + 1;
        if (!head.substring(MAGIC.length(), lineEnd).equals(sha256(bytes, bodyAt))) {
            throw new CorruptLedgerException(file, "its checksum does not match");
        }
        return JSON.readTree(bytes, bodyAt, bytes.length - bodyAt);
    }

    private static String sha256(byte[] bytes, int from) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes, from, bytes.length - from);
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
