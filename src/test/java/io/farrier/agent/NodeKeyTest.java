package io.farrier.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.farrier.secret.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeKeyTest {
    @TempDir
    Path stateDir;

    @Test
    void isMadeOnceForRootsEyesOnly() throws IOException {
        Secret first = NodeKey.readOrMake(stateDir);

        assertThat(NodeKey.readOrMake(stateDir)).isEqualTo(first);
        assertThat(first.reveal()).hasSize(43).matches("[A-Za-z0-9_-]+");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(stateDir.resolve("node.key"))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(stateDir.resolve("node.key.copy"))))
                .isEqualTo("rw-------");
        assertThat(Files.list(stateDir)).hasSize(2);
    }

    @Test
    void outlivesDamage() throws IOException {
        Secret key = NodeKey.readOrMake(stateDir);
        Files.writeString(stateDir.resolve("node.key"), key.reveal().substring(0, 30));

        assertThat(NodeKey.readOrMake(stateDir)).isEqualTo(key);
    }

    /** See {@code GoldenStateTest}. */
    @Test
    void isTheOneThatAReleaseLeft() throws IOException {
        Files.copy(Path.of("src/test/resources/state/0.1.0/var/lib/farrier/node.key"), stateDir.resolve("node.key"));

        assertThat(NodeKey.readOrMake(stateDir).reveal()).isEqualTo("bm9kZS1rZXktb2YtMC4xLjAtMDEyMzQ1Njc4OWFiY2RlZg");
    }

    @Test
    void differsFromNodeToNode(@TempDir Path other) throws IOException {
        assertThat(NodeKey.readOrMake(stateDir)).isNotEqualTo(NodeKey.readOrMake(other));
    }

    @Test
    void niceErrorOnAKeyThatIsCutOff() throws IOException {
        Files.writeString(stateDir.resolve("node.key"), "abc");

        assertThatThrownBy(() -> NodeKey.readOrMake(stateDir))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("holds 3 characters")
                .hasMessageNotContaining("abc");
    }
}
