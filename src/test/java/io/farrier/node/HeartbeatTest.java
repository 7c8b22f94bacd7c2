package io.farrier.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a datagram socket of another process, as systemd's is. */
@Timeout(60)
final class HeartbeatTest {
    private static final String LISTENER = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.bind(sys.argv[1])
            print('bound', flush=True)
            while True:
                print(s.recv(4096).decode(), flush=True)
            """;

    @TempDir
    Path folder;

    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private volatile Heartbeat.State state = new Heartbeat.State("mode keep", Optional.empty());
    private Process listener;
    private BufferedReader words;

    @BeforeEach
    void listen() throws Exception {
        listener = new ProcessBuilder("python3", "-c", LISTENER, socket()).start();
        words = listener.inputReader();
        assertThat(words.readLine()).isEqualTo("bound");
    }

    @AfterEach
    void end() throws Exception {
        listener.destroyForcibly();
        assertThat(listener.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void saysReadyThenHowItIsAndThatItLives() throws Exception {
        Heartbeat heart = start();
        assertThat(words.readLine()).isEqualTo("READY=1");
        assertThat(words.readLine()).isEqualTo("STATUS=mode keep");
        assertThat(words.readLine()).isEqualTo("WATCHDOG=1");
        assertThat(words.readLine()).as("the same status is not said again").isEqualTo("WATCHDOG=1");

        heart.close();
        String last = words.readLine();
        while (last.equals("WATCHDOG=1")) {
            last = words.readLine();
        }
        assertThat(last).isEqualTo("STOPPING=1");
    }

    @Test
    void keepsSilentTowardsTheWatchdogWhileALaneHangs() throws Exception {
        state = new Heartbeat.State("mode keep", Optional.of("the watch lane has not moved for 301 s"));
        try (Heartbeat heart = start()) {
            assertThat(words.readLine()).isEqualTo("READY=1");
            assertThat(words.readLine()).isEqualTo("STATUS=Hangs: the watch lane has not moved for 301 s. mode keep");

            state = new Heartbeat.State("mode keep, again", Optional.empty());
            assertThat(words.readLine()).as("nothing in between").isEqualTo("STATUS=mode keep, again");
            assertThat(words.readLine()).isEqualTo("WATCHDOG=1");
        }
        assertThat(complaints)
                .containsExactly("Hangs, and lets the watchdog know: the watch lane has not moved for 301 s");
    }

    private Heartbeat start() {
        // A beat each 20 ms.
        Map<String, String> environment = Map.of("NOTIFY_SOCKET", socket(), "WATCHDOG_USEC", "60000");
        return Heartbeat.start(SdNotify.from(environment, 1), () -> state, complaints::add);
    }

    private String socket() {
        return folder.resolve("notify").toString();
    }
}
