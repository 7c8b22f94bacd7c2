package io.farrier.agent;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.farrier.node.TwofoldFile;
import io.farrier.node.WholeFile;
import io.farrier.secret.Secret;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * {@code node.key} in state_dir, 0600: a random secret made at the first start. The collector ties the node's name to
 * it, so that another node with the same token cannot speak in this one's name.
 */
final class NodeKey {
    /** Under which it is shown to the collector. */
    static final String HEADER = "Farrier-Node-Key";

    private static final int RANDOM_BYTES = 32;
    private static final int MIN_CHARS = 16;
    private static final int MAX_CHARS = 256;

    private NodeKey() {}

    static Secret readOrMake(Path stateDir) throws IOException {
        Path file = stateDir.resolve("node.key");
        try {
            return read(file);
        } catch (NoSuchFileException firstStart) {
            make(file);
            return read(file);
        }
    }

    private static Secret read(Path file) throws IOException {
        String text = TwofoldFile.read(file, NodeKey::isGood).strip();
        if (!isGood(text)) {
            throw new IOException("Tried to read the node's key from " + file + ", but it holds " + text.length()
                    + " characters, or such as no header can carry. Put the old file back, or delete it and release the"
                    + " node's name at the collector.");
        }
        return Secret.of(text);
    }

    private static boolean isGood(String text) {
        String key = text.strip();
        return key.length() >= MIN_CHARS
                && key.length() <= MAX_CHARS
                && key.chars().allMatch(c -> c > ' ' && c < 127);
    }

    private static void make(Path file) throws IOException {
        byte[] random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        String key = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        Path fresh = WholeFile.draft(file, key.getBytes(US_ASCII));
        try {
            Files.createLink(file, fresh);
        } catch (FileAlreadyExistsException another) {
            // Made by another start at the same moment; that one counts.
        }
        Files.delete(fresh);
    }
}
