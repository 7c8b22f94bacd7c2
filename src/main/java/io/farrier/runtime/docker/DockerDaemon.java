package io.farrier.runtime.docker;

import io.farrier.plan.DaemonName;
import io.farrier.runtime.Daemon;
import io.farrier.transport.HttpStream;
import io.farrier.transport.SilentPeerException;
import java.io.IOException;
import java.time.Duration;

/** dockerd as a process: reloaded by SIGHUP, believed when its reload event came. */
public final class DockerDaemon implements Daemon {
    private static final DaemonName NAME = new DaemonName("docker");

    /** A reload takes milliseconds; a machine that pages takes seconds. */
    private static final Duration RELOAD_DEADLINE = Duration.ofSeconds(10);

    private static final String RELOADS = DockerWatch.encoded("{\"type\":[\"daemon\"],\"event\":[\"reload\"]}");

    private final DockerRuntime runtime;
    private final Order hangUp;
    private final Order restart;

    /** Something done to the daemon's process from outside; its exception says what stood in the way. */
    @FunctionalInterface
    public interface Order {
        void give() throws IOException;
    }

    /**
     * @param hangUp sends SIGHUP to the daemon's main process, after it made sure which one that is
     * @param restart restarts the daemon's unit and returns when that is done
     */
    public DockerDaemon(DockerRuntime runtime, Order hangUp, Order restart) {
        this.runtime = runtime;
        this.hangUp = hangUp;
        this.restart = restart;
    }

    @Override
    public DaemonName name() {
        return NAME;
    }

    @Override
    public void reload() throws IOException {
        try (HttpStream reloads = DockerWatch.subscribe(runtime.api(), RELOADS)) {
            hangUp.give();
            if (new JsonLines(reloads, RELOAD_DEADLINE).next().isEmpty()) {
                throw new IOException("Tried to reload dockerd but it ended its stream of events instead of confirming."
                        + " Look at 'systemctl status docker'.");
            }
        } catch (SilentPeerException unconfirmed) {
            throw new IOException(
                    "Tried to reload dockerd but no reload event came within " + RELOAD_DEADLINE.toSeconds()
                            + " s. dockerd reports a rejected daemon.json in its log only: 'journalctl -u docker -n 20'.",
                    unconfirmed);
        }
    }

    @Override
    public void restart() throws IOException {
        restart.give();
    }

    @Override
    public boolean answers() {
        return runtime.api().answers();
    }
}
