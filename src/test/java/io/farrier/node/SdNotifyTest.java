package io.farrier.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a datagram socket of another process, as systemd's is. */
final class SdNotifyTest {
    private static final String LISTENER = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            name = sys.argv[1]
            s.bind('\\0' + name[1:] if name.startswith('@') else name)
            print('ready', flush=True)
            for _ in range(4):
                print(s.recv(4096).decode(), flush=True)
            """;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"path", "abstract"})
    void tellsSystemdHowTheServiceIs(String kind) throws Exception {
        String name =
                kind.equals("path") ? folder.resolve("notify").toString() : "@farrier-test-" + folder.getFileName();
        Process listener = new ProcessBuilder("python3", "-c", LISTENER, name).start();
        try (BufferedReader words = listener.inputReader()) {
            assertThat(words.readLine()).isEqualTo("ready");
            SdNotify systemd = SdNotify.from(Map.of("NOTIFY_SOCKET", name), 1);
            systemd.ready();
            systemd.status("3 changes\nwithheld");
            systemd.watchdog();
            systemd.stopping();
            assertThat(words.readLine()).isEqualTo("READY=1");
            assertThat(words.readLine()).isEqualTo("STATUS=3 changes withheld");
            assertThat(words.readLine()).isEqualTo("WATCHDOG=1");
            assertThat(words.readLine()).isEqualTo("STOPPING=1");
        } finally {
            listener.destroyForcibly();
            assertThat(listener.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void niceErrorWhereTheSocketIsGone() {
        String gone = folder.resolve("gone").toString();

        assertThatThrownBy(() -> SdNotify.from(Map.of("NOTIFY_SOCKET", gone), 1).ready())
                .isInstanceOf(IOException.class)
                .hasMessage("Tried to send to " + gone + " and could not: No such file or directory");
    }

    @Test
    void niceErrorOnANameThatNoSocketCanHave() {
        String tooLong = "/run/" + "x".repeat(103);

        assertThatThrownBy(
                        () -> SdNotify.from(Map.of("NOTIFY_SOCKET", tooLong), 1).ready())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("more than 107 bytes");
    }

    @Test
    void saysNothingWhereNobodyListens() throws IOException {
        SdNotify.from(Map.of(), 1).ready();
        assertThat(SdNotify.from(Map.of(), 1).watchdogInterval()).isEmpty();
    }

    @Test
    void heedsOnlyItsOwnWatchdog() {
        Map<String, String> watched = Map.of("WATCHDOG_USEC", "60000000", "WATCHDOG_PID", "7");
        assertThat(SdNotify.from(watched, 7).watchdogInterval()).contains(Duration.ofSeconds(60));
        assertThat(SdNotify.from(watched, 8).watchdogInterval()).isEmpty();
        assertThat(SdNotify.from(Map.of("WATCHDOG_USEC", "x"), 7).watchdogInterval())
                .isEmpty();
    }
}
