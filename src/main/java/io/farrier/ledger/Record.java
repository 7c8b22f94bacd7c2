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
    private static final JsonMapper JSON = new JsonMapper();

    private Record() {}

    static byte[] bytes(JsonNode body) {
        String text = text(body) + "\n";
        return (MAGIC + sha256(text) + "\n" + text).getBytes(StandardCharsets.UTF_8);
    }

    static String text(JsonNode body) {
        try {
            return JSON.writeValueAsString(body);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a tree is always JSON", impossible);
        }
    }

    static JsonNode parse(Path file, byte[] bytes) throws IOException {
        String text = new String(bytes, StandardCharsets.UTF_8);
        int lineEnd = text.indexOf('\n');
        if (lineEnd < 0 || !text.startsWith(MAGIC)) {
            throw new CorruptLedgerException(file, "it does not begin as a record of this version");
        }
        String body = text.substring(lineEnd + 1);
        if (!text.substring(MAGIC.length(), lineEnd).equals(sha256(body))) {
            throw new CorruptLedgerException(file, "its checksum does not match");
        }
        return JSON.readTree(body);
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
