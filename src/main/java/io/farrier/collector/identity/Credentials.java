package io.farrier.collector.identity;

import io.farrier.secret.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * The two secrets of a collector. {@code agent.token} is on every node and opens the feed for writing; {@code
 * viewer.token} is on no node and opens everything that reads.
 */
public record Credentials(Secret agent, Secret viewer) {
    public static final String AGENT_FILE = "agent.token";
    public static final String VIEWER_FILE = "viewer.token";

    private static final int MIN_TOKEN_LENGTH = 16;
    private static final String BEARER = "Bearer ";

    /** Reads the two from {@code folder}, making what is not there. */
    static Credentials open(Path folder, SecureRandom random) throws IOException {
        Credentials credentials =
                new Credentials(token(folder.resolve(AGENT_FILE), random), token(folder.resolve(VIEWER_FILE), random));
        if (credentials.agent.equals(credentials.viewer)) {
            throw new IOException(
                    "Tried to read the tokens of " + folder + " but " + AGENT_FILE + " and " + VIEWER_FILE
                            + " are the same: every node could read all logs. Delete one; a new one is made at the next start.");
        }
        return credentials;
    }

    /** The secret of an {@code Authorization: Bearer} header. */
    public static Optional<Secret> bearer(Optional<String> authorization) {
        return authorization
                .filter(header -> header.regionMatches(true, 0, BEARER, 0, BEARER.length()))
                .map(header -> Secret.of(header.substring(BEARER.length()).trim()));
    }

    private static Secret token(Path file, SecureRandom random) throws IOException {
        if (!Files.exists(file)) {
            PrivateFile.write(file, RandomToken.make(random) + "\n");
        }
        String text = PrivateFile.readTwofold(file, Credentials::isToken);
        if (!isToken(text)) {
            throw new IOException("Tried to read the token in " + file + " but it has fewer than " + MIN_TOKEN_LENGTH
                    + " characters, or such as no header can carry. Delete the file; a new token is made at the next"
                    + " start.");
        }
        return Secret.of(text.strip());
    }

    private static boolean isToken(String text) {
        String token = text.strip();
        return token.length() >= MIN_TOKEN_LENGTH && token.chars().allMatch(c -> c > ' ' && c < 127);
    }
}
