package io.farrier.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real process that listens on a real socket and says when it is told to hang up. */
final class ProcessesTest {
    private static final String DAEMON = """
            import signal, socket, sys
            open('/proc/self/comm', 'w').write('farrierd')
            signal.signal(signal.SIGHUP, lambda *_: print('hung up', flush=True))
            s = socket.socket(socket.AF_UNIX)
            s.bind(sys.argv[1])
            s.listen()
            print('ready', flush=True)
            while True:
                s.accept()
            """;

    @TempDir
    Path folder;

    private Process process;
    private BufferedReader words;
    private Path socket;

    @BeforeEach
    void start() throws IOException {
        socket = folder.resolve("api.sock");
        process = new ProcessBuilder("python3", "-c", DAEMON, socket.toString()).start();
        words = process.inputReader();
        assertThat(words.readLine()).isEqualTo("ready");
    }

    @AfterEach
    void stop() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void knowsWhenAProcessWasStarted() throws Exception {
        Instant before = Instant.now();
        Process late = new ProcessBuilder("sleep", "600").start();
        try {
            assertThat(withoutSystemd().started((int) late.pid()))
                    .isBetween(before.minusMillis(30), Instant.now().plusMillis(30));
        } finally {
            late.destroyForcibly().waitFor();
        }
    }

    @Test
    void findsItByItsUnit() throws IOException {
        Commands systemctl = (deadline, argv) -> new Commands.Result(0, process.pid() + "\n", "");
        assertThat(new Processes(systemctl, Path.of("/proc"), folder).find(daemon(List.of(), List.of())))
                .isEqualTo((int) process.pid());
    }

    @Test
    void findsItBehindItsSocketAndMakesItHangUp() throws Exception {
        DaemonProcess daemon = daemon(List.of(socket), List.of());
        int pid = withoutSystemd().find(daemon);
        assertThat(pid).isEqualTo((int) process.pid());
        withoutSystemd().hangUp(daemon, pid);
        assertThat(words.readLine()).isEqualTo("hung up");
        assertThat(withoutSystemd().commandLine(pid)).endsWith(socket.toString());
    }

    @Test
    void findsItByItsPidFile() throws IOException {
        Path pidFile = Files.writeString(folder.resolve("pid"), process.pid() + "\n");
        assertThat(withoutSystemd().find(daemon(List.of(), List.of(pidFile)))).isEqualTo((int) process.pid());
    }

    @Test
    void takesNoStrangerForIt() throws IOException {
        Path stale = Files.writeString(
                folder.resolve("pid"), Long.toString(ProcessHandle.current().pid()));
        DaemonProcess daemon = daemon(List.of(folder.resolve("no.sock")), List.of(stale));
        assertThatThrownBy(() -> withoutSystemd().find(daemon))
                .isInstanceOf(ProcessNotFoundException.class)
                .hasMessage("Tried to find the process of farrierd but systemd does not run here; there is no "
                        + folder.resolve("no.sock") + "; the pid in " + stale + " is "
                        + ProcessHandle.current().pid() + ", which is not farrierd.");
        assertThatThrownBy(() -> withoutSystemd()
                        .hangUp(daemon, (int) ProcessHandle.current().pid()))
                .hasMessageContaining("is no longer it");
    }

    @Test
    void neverTakesInitForIt() throws IOException {
        Path pidFile = Files.writeString(folder.resolve("pid"), "1");
        DaemonProcess init = new DaemonProcess(
                Files.readString(Path.of("/proc/1/comm")).strip(), List.of(), List.of(), List.of(pidFile));
        assertThatThrownBy(() -> withoutSystemd().find(init)).hasMessageContaining("is 1, which is not");
    }

    @Test
    void aProgramThatDoesNotEndIsKilledAndOutputIsBounded() throws IOException {
        Commands commands = new ProcessCommands();
        assertThatThrownBy(() -> commands.run(Duration.ofMillis(50), List.of("sleep", "600")))
                .hasMessage("Tried to run 'sleep 600' but it had not ended after 0 s and was killed.");
        Commands.Result loud = commands.run(Duration.ofSeconds(60), List.of("head", "-c", "1000000", "/dev/zero"));
        assertThat(loud.out()).hasSize(ProcessCommands.MAX_OUTPUT_BYTES);
        Commands.Result failed = commands.run(Duration.ofSeconds(60), List.of("ls", "/no such folder"));
        assertThat(failed.succeeded()).isFalse();
        assertThat(failed.words()).isEqualTo("ls: cannot access '/no such folder': No such file or directory");
    }

    private Processes withoutSystemd() {
        return new Processes(
                (deadline, argv) -> {
                    throw new IOException("no systemctl here");
                },
                Path.of("/proc"),
                folder.resolve("no-systemd"));
    }

    private static DaemonProcess daemon(List<Path> sockets, List<Path> pidFiles) {
        return new DaemonProcess("farrierd", List.of("farrierd.service"), sockets, pidFiles);
    }
}
