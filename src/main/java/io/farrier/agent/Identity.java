package io.farrier.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Who speaks.
 *
 * @param version of this agent
 * @param os as the distribution calls itself
 * @param boot differs for each start of the agent
 */
public record Identity(String version, String os, String kernel, String boot) {
    private static final String PRETTY_NAME = "PRETTY_NAME=";

    public static Identity ofThisStart(String version) {
        return new Identity(
                version,
                prettyName(Path.of("/etc/os-release")),
                System.getProperty("os.version", "unknown"),
                UUID.randomUUID().toString());
    }

    static String prettyName(Path osRelease) {
        try {
            return Files.readAllLines(osRelease).stream()
                    .filter(line -> line.startsWith(PRETTY_NAME))
                    .findFirst()
                    .map(line -> line.substring(PRETTY_NAME.length()).replace("\"", ""))
                    .orElse("unknown");
        } catch (IOException unreadable) {
            return "unknown";
        }
    }
}
