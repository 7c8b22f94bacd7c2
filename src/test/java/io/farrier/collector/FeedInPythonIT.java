package io.farrier.collector;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A client written from {@code feed.md} alone, in another language, against this collector. Debian's python3-websockets
 * must be there: without it the test fails and names the package.
 */
final class FeedInPythonIT {
    private static final int DEADLINE_SECONDS = 300;

    /** Debian's own, whatever else is in the path: its packages belong to it. */
    private static final String PYTHON = "/usr/bin/python3";

    @TempDir
    Path folder;

    @Test
    void theCollectorDoesWhatTheDocumentSays() throws Exception {
        try (RunningCollector collector = new RunningCollector(folder.resolve("state"))) {
            assertThat(run(
                            "src/test/python/feed_client.py",
                            "--url",
                            collector.feed(),
                            "--ca",
                            collector.ca().toString(),
                            "--token-file",
                            collector.folder.resolve("agent.token").toString(),
                            "--viewer-token-file",
                            collector.folder.resolve("viewer.token").toString()))
                    .contains("all as feed.md says");
        }
    }

    private String run(String... arguments) throws Exception {
        Path output = folder.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(PYTHON);
        builder.command().addAll(List.of(arguments));
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        boolean ended = process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS);
        process.destroyForcibly();
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(ended).as("the client did not end:\n%s", text).isTrue();
        assertThat(process.exitValue()).as(text).isZero();
        return text;
    }
}
