package io.farrier.testing;

import static org.awaitility.Awaitility.await;

import io.farrier.keep.rancher.RancherService;
import io.farrier.node.Commands;
import io.farrier.node.Processes;
import io.farrier.plan.DaemonName;
import io.farrier.runtime.Daemon;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A k3s as far as systemd shows it: a process that is there since some moment, and is replaced by a restart. */
public final class FakeRancher implements AutoCloseable {
    private static final Duration SETTLED = Duration.ofMillis(50);

    /** As long as no start of it is known. */
    private Optional<Process> process = Optional.empty();

    private final FakeDockerd runtime = new FakeDockerd(Path.of("/nowhere/daemon.json"));
    private boolean failsOnce;
    private int restarts;

    /** Starts it, anew where it runs already. */
    public FakeRancher start() throws IOException {
        close();
        Process started = new ProcessBuilder("sleep", "600").start();
        Instant since = Instant.now();
        process = Optional.of(started);
        runtime.up();
        // Starts are known in steps of 10 ms: what is written from now on is later than this one.
        await().pollInterval(Duration.ofMillis(5)).until(() -> Instant.now().isAfter(since.plus(SETTLED)));
        return this;
    }

    /** The next restart ends with it down. */
    public void failsToStart() {
        failsOnce = true;
    }

    public int restarts() {
        return restarts;
    }

    public boolean answers() {
        return process.isPresent();
    }

    /** Empty until it was started. */
    public Optional<RancherService> service(String unit) {
        return process.map(running -> daemon(unit));
    }

    public Map<DaemonName, Daemon> daemons(String unit) {
        return process.map(running -> Map.of(new DaemonName(unit), (Daemon) daemon(unit)))
                .orElse(Map.of());
    }

    private RancherService daemon(String unit) {
        return new RancherService(
                new DaemonName(unit),
                runtime,
                this::systemctl,
                new Processes(this::systemctl),
                Path.of("/nowhere.sock"));
    }

    private Commands.Result systemctl(Duration deadline, List<String> argv) throws IOException {
        if (argv.get(1).equals("show")) {
            String pid = process.map(running -> Long.toString(running.pid())).orElse("0");
            return new Commands.Result(
                    0,
                    "MainPID=" + pid
                            + "\nNeedDaemonReload=no\nExecStart={ path=/usr/local/bin/k3s ; argv[]=/usr/local/bin/k3s agent ; }\n",
                    "");
        }
        restarts++;
        if (failsOnce) {
            failsOnce = false;
            close();
            runtime.down();
            return new Commands.Result(1, "", "Job for " + argv.get(2) + " failed.");
        }
        start();
        return new Commands.Result(0, "", "");
    }

    @Override
    public void close() {
        process.ifPresent(running -> {
            running.destroyForcibly();
            try {
                running.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new UncheckedIOException(new IOException(e));
            }
        });
        process = Optional.empty();
    }
}
