package io.farrier.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real process of a real program, whose file is replaced as packages and people do it. */
final class StagedStartTest {
    private static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");

    @TempDir
    Path folder;

    private Path program;
    private Path unit;
    private Process daemon;
    private String needsReload = "no";

    @BeforeEach
    void start() throws IOException {
        program = Files.copy(Path.of("/usr/bin/sleep"), folder.resolve("dockerd"), StandardCopyOption.COPY_ATTRIBUTES);
        unit = Files.writeString(folder.resolve("docker.service"), "[Service]\n");
        Files.setLastModifiedTime(unit, FileTime.from(LONG_AGO));
        daemon = new ProcessBuilder(program.toString(), "600").start();
        // Starts are known in steps of 10 ms: what is done from now on is later than this one.
        Instant since = Instant.now();
        await().pollInterval(Duration.ofMillis(5)).until(() -> Instant.now().isAfter(since.plusMillis(50)));
    }

    @AfterEach
    void stop() throws InterruptedException {
        daemon.destroyForcibly();
        assertThat(daemon.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aProgramThatIsThereAsItWasStagesNothing() throws IOException {
        assertThat(clauses()).isEmpty();
    }

    /** As dpkg does: another file is renamed over it, with the time that it was built. */
    @Test
    void seesAProgramThatAPackageReplaced() throws IOException {
        Path next = Files.copy(Path.of("/usr/bin/sleep"), folder.resolve("dockerd.dpkg-new"));
        Files.setLastModifiedTime(next, FileTime.from(LONG_AGO));
        Files.move(next, program, StandardCopyOption.REPLACE_EXISTING);

        assertThat(clauses()).containsExactly(program + " was replaced, which is an upgrade");
    }

    @Test
    void seesAProgramThatWasMovedAside() throws IOException {
        Files.move(program, folder.resolve("dockerd.old"));
        Files.copy(Path.of("/usr/bin/true"), program);

        assertThat(clauses()).containsExactly(program + " was replaced, which is an upgrade");
    }

    @Test
    void seesAProgramThatIsGone() throws IOException {
        Files.delete(program);

        assertThat(clauses()).containsExactly(program + " was replaced, which is an upgrade");
    }

    /** dockerd starts a containerd of its own where it is given none. */
    @Test
    void seesAReplacedContainerdThatDockerdStarts() throws Exception {
        Path helper =
                Files.copy(Path.of("/usr/bin/sleep"), folder.resolve("containerd"), StandardCopyOption.COPY_ATTRIBUTES);
        stop();
        daemon = new ProcessBuilder("sh", "-c", "'" + helper + "' 600 & echo started; wait").start();
        assertThat(daemon.inputReader().readLine()).isEqualTo("started");
        ProcessHandle child = daemon.children().findFirst().orElseThrow();
        try {
            await().until(() ->
                    Files.readString(Path.of("/proc/" + child.pid() + "/comm")).equals("containerd\n"));
            assertThat(clauses()).isEmpty();

            Files.delete(helper);

            assertThat(clauses()).containsExactly(helper + " was replaced, which dockerd starts");
        } finally {
            child.destroyForcibly();
        }
    }

    @Test
    void seesAUnitThatWasChangedSinceTheStart() throws IOException {
        Files.setLastModifiedTime(unit, FileTime.from(Instant.now().plusSeconds(5)));
        needsReload = "yes";

        assertThat(clauses())
                .containsExactly("docker.service was changed, and systemd has not read it yet", unit + " was changed");
    }

    private List<String> clauses() throws IOException {
        Commands systemctl = (deadline, argv) -> new Commands.Result(
                0,
                "MainPID=" + daemon.pid() + "\nNeedDaemonReload=" + needsReload + "\nFragmentPath=" + unit
                        + "\nDropInPaths=\nEnvironmentFiles=/nowhere/docker (ignore_errors=yes)\n",
                "");
        return new StagedStart(systemctl, new Processes(systemctl))
                .clauses(DaemonProcess.DOCKERD, (int) daemon.pid(), "containerd");
    }
}
