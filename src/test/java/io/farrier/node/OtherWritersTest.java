package io.farrier.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OtherWritersTest {
    private static final Path PATH = Path.of("/etc/docker/daemon.json");

    @TempDir
    Path root;

    private OtherWriters others;
    private Path file;

    @BeforeEach
    void prepare() throws IOException {
        others = new OtherWriters(NodeFiles.below(root));
        file = Files.createDirectories(root.resolve("etc/docker")).resolve("daemon.json");
        Files.writeString(file, "{}\n");
    }

    @Test
    void namesWhoSignsTheFileAndWhoOwnsIt() throws IOException {
        Files.writeString(file, "# This file is managed by Puppet\u0007\nmirrors:\n");
        Files.setAttribute(file, "unix:uid", 4242);

        assertThat(others.of(List.of(PATH)))
                .contains("/etc/docker/daemon.json says 'This file is managed by Puppet '")
                .anySatisfy(clue -> assertThat(clue)
                        .startsWith("/etc/docker/daemon.json was written 20")
                        .endsWith("and belongs to 4242"));
    }

    /** By a real process of that name. */
    @Test
    void namesAProgramThatRunsHereAndWritesFilesAgainAndAgain() throws IOException {
        Path program = Files.copy(Path.of("/bin/sleep"), root.resolve("salt-minion"));
        Process minion = new ProcessBuilder(program.toString(), "600").start();
        try {
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(others.of(List.of(PATH)))
                            .anySatisfy(
                                    clue -> assertThat(clue).contains("Salt").endsWith("on this node")));
        } finally {
            minion.destroyForcibly();
        }
    }

    @Test
    void saysThatTheFileIsGone() throws IOException {
        Files.delete(file);

        assertThat(others.of(List.of(PATH))).contains("/etc/docker/daemon.json is not there");
    }
}
